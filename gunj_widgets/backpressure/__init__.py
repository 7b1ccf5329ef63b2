"""How much, how often, in what order: Inbox and Pacer, pure."""
