"""Searching and reading articles."""
