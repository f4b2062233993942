"""The group's form, and the message form when nobody is on duty."""
