"""Glass to glass: how soon, how often and how exactly a customer's screen shows in the agent's window, at what cost."""
