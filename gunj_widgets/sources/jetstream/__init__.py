"""NATS JetStream: one shared history of everything, for any number of notebooks and of relays that write it."""
