"""Links to the relay: reconnecting, resuming by `seq`, and an outbox that outlives the program."""
