"""The one `MetaData` that every subject's tables belong to, with names that migrations can rely on, and the types and
indexes that mean the same on SQLite and PostgreSQL."""

from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Index, Integer, MetaData, TextClause

WHOLE: Final = BigInteger().with_variant(Integer(), "sqlite")
"""Every whole number: 64 bits on both engines (in SQLite only a column called INTEGER can be the row's own key)."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def partial(name: str, column: str, where: TextClause | ColumnElement[bool]) -> Index:
    """An index of the rows that meet a condition, on both engines."""
    return Index(name, column, sqlite_where=where, postgresql_where=where)
