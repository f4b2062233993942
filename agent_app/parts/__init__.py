"""Small widgets that more than one room uses and the shared kit does not have."""
