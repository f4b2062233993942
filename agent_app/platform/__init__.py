"""What this program keeps on the computer: choices, outboxes, the way back in."""
