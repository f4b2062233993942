"""Every word a person sees, in Chinese and English, as plain tables; and how times, sizes and places are written."""

from shared.strings.formats import (
    clock,
    day_name,
    duration,
    duration_range,
    long_date,
    ordinal,
    short_date,
    size,
    timer,
    weekday,
)
from shared.strings.language import (
    LANGUAGES,
    NATIVE_NAMES,
    LanguageCode,
    language,
    language_of_locale,
    observe_language,
    set_language,
    system_language,
)
from shared.strings.phrase import Param, Phrase, error_text, name_with_tier, phrase, text, text_in, tier_phrase

__all__ = [
    "LANGUAGES",
    "NATIVE_NAMES",
    "LanguageCode",
    "Param",
    "Phrase",
    "clock",
    "day_name",
    "duration",
    "duration_range",
    "error_text",
    "language",
    "language_of_locale",
    "long_date",
    "name_with_tier",
    "observe_language",
    "ordinal",
    "phrase",
    "set_language",
    "short_date",
    "size",
    "system_language",
    "text",
    "text_in",
    "tier_phrase",
    "timer",
    "weekday",
]
