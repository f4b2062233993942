"""The frame around the pages: rail, top bar, status bar, and what is said when the connection is lost."""
