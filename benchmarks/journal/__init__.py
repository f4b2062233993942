"""The journals on their own, without links and services."""
