"""The steps from one schema to the next, from the first revision on."""
