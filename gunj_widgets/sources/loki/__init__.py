"""Loki: log lines as they were written, followed without loss, though its own tail loses some."""
