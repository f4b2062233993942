"""Whole tables in and out, as CSV and as JSON lines."""
