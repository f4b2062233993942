"""Joins the rooms: config, sign-in and link, windows, the program's life."""
