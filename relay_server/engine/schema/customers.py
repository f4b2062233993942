"""Customers and the device keys that prove them. E-mail and phone are what was said: nothing is keyed on them."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text

from relay_server.engine.schema.base import WHOLE, metadata

customers: Final = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("vip_level", WHOLE, nullable=False),
    Column("first_seen_ms", WHOLE, nullable=False),
    Column("erased_ms", WHOLE, nullable=False, server_default="0"),
)

device_keys: Final = Table(
    "device_keys",
    metadata,
    Column("device_key", Text, primary_key=True),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False, index=True),
    Column("added_ms", WHOLE, nullable=False),
)
