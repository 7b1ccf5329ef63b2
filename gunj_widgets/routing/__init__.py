"""Who wants it: patterns, priorities, dispatch, history and replay. Pure: no clock, no loop, no I/O."""
