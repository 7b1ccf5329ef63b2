"""What is known: the event envelope, topics and patterns, records, and the wire codec. Pure: no I/O, no clock, no pandas."""
