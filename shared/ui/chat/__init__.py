"""The conversation as both programs show it. `view` has no Qt, so presenters may build its rows."""
