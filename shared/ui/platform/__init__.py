"""What a desktop program needs from the desktop: one instance, a tray where there is one, its windows' places."""
