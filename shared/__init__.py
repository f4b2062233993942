"""What both ends of Threeline agree on: protocol, rules, links, media and the desktop look."""
