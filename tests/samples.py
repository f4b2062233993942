"""The smallest valid message of any kind, made from the types themselves; known ids are put where they belong."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect as shapes


def sample(kind: type[msgspec.Struct], known: Mapping[str, Any]) -> Any:
    """One message. `known`: values by field name, in it and in what it holds."""
    return msgspec.convert(_struct(kind, known), kind)


def _struct(kind: type[msgspec.Struct], known: Mapping[str, Any]) -> dict[str, Any]:
    info = shapes.type_info(kind)
    assert isinstance(info, shapes.StructType)
    made = {info.tag_field: info.tag} if info.tag_field else {}
    for field in info.fields:
        if field.name in known:
            made[field.encode_name] = known[field.name]
        elif field.required:
            made[field.encode_name] = _value(field.type, known)
    return made


def _value(kind: shapes.Type, known: Mapping[str, Any]) -> Any:
    match kind:
        case shapes.StrType():
            return "a" * max(kind.min_length or 0, 1)
        case shapes.IntType():
            return max(kind.ge or 0, 1)
        case shapes.BoolType():
            return True
        case shapes.LiteralType():
            return kind.values[0]
        case shapes.EnumType():
            return next(iter(kind.cls)).value
        case shapes.StructType():
            return _struct(kind.cls, known)
        case shapes.DictType():
            return {}
        case shapes.VarTupleType() | shapes.ListType():
            return [_value(kind.item_type, known) for _ in range(kind.min_length or 0)]
        case shapes.UnionType():
            return _value(kind.types[0], known)
        case _:
            raise NotImplementedError(kind)
