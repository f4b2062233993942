"""Puts the rooms together and gives them one life."""
