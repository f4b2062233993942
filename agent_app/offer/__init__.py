"""An offered conversation: the card with its countdown and screen pop."""
