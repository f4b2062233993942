"""Recordings: made beside the picture, brought to the relay, found at a ticket, played."""
