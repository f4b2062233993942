"""The icon set and how it is painted."""

from shared.ui.icons.mark import app_icon, app_mark
from shared.ui.icons.paint import clear_icon_cache, icon_pixmap, make_icon, paint_icon

__all__ = ["app_icon", "app_mark", "clear_icon_cache", "icon_pixmap", "make_icon", "paint_icon"]
