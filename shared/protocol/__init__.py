"""The wire: one frozen struct a message, unions by audience, one codec. docs/protocol.md is generated from here."""
