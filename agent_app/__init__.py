"""The engineers' program: sign-in, inbox, conversations, the customer's screen, tickets."""
