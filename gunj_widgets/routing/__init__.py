"""Who wants it: patterns, priorities, history and replay. Pure."""
