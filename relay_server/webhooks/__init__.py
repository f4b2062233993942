"""Telling other programs what happens: signed, in order for each conversation and ticket, until they have heard."""
