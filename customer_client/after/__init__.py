"""What is left of a conversation: what was done, the receipt to keep, reopening, three questions."""
