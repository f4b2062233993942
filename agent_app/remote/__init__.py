"""The customer's screen: its window, its picture, and the input that goes back."""
