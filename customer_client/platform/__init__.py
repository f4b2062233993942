"""What differs between machines: folders, kept settings, the system's own facts, one instance, tray."""
