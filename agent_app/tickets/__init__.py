"""Tickets: the table, one ticket's page, and the receipts of its remote sessions."""
