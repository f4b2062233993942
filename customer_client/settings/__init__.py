"""What a person may choose about this program."""
