"""Every target on its seeds, on what was once found, and on the same few spoilt inputs each time.

`./dev fuzz TARGET --minutes N` goes on from there, guided by coverage.
"""

import pytest

from tests.fuzz.target import kept, mutations
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_found(name: str) -> None:
    target = TARGETS[name]
    with target.around():
        for data in (b"", *target.seeds, *kept(name), *mutations(target, name, target.deterministic)):
            try:
                target.run(data)
            except Exception as fault:
                raise AssertionError(f"{name} on {data!r}") from fault
