"""What every room shares: the port to the relay, the picture that pushes keep fresh, and where the person is."""
