"""What is remembered: metrics, logs, platforms, alerts, operations, events. Written on gunj-io, read from anywhere."""
