"""The relay: signalling, routing and records. It carries no picture of any screen."""
