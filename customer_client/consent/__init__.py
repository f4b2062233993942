"""The one place where anybody gets a right on this computer."""
