"""What is remembered: metric frames, logs, platforms, alerts, operations, events. Written on gunj-io, read from anywhere."""
