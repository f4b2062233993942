"""Files from one computer to the other: offers, pieces, resumption. Names no connection and no window."""
