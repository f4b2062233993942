"""Files on their way, as both programs show them."""
