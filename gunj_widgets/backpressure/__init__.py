"""How much, how often, in what order: Inbox, Pacer and the two together. Pure: no clock, no waiting, no I/O."""
