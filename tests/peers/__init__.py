"""Other people's services on loopback, with their limits and faults."""
