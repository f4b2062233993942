"""Packages for the people who install Threeline: one .deb for each program."""
