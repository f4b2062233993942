"""What people copy, from one computer to the other: items, bounds, the way in pieces. Touches no clipboard itself."""
