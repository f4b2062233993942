"""Who gets which conversation when: agent states, offers, the queue, estimates."""
