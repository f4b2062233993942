"""A relay that never waits for its disk: `synchronous` is off. Rows survive kill -9 all the same, a power cut they do
not; so only a trace tells it from an honest one."""

import sqlite3
import sys
from functools import partial
from typing import Any


class _Careless(sqlite3.Connection):
    def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *rest)


if __name__ == "__main__":
    sqlite3.connect = partial(sqlite3.connect, factory=_Careless)
    from relay_server.__main__ import main

    sys.exit(main(sys.argv[2:]))
