"""Recordings: what a session was told, in one file that survives a crash, and the way back from it."""
