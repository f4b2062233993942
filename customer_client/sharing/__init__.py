"""What is shared now: the session process's other end, banner and frame, and the receipt as it is written."""
