"""Small widgets that several rooms show."""
