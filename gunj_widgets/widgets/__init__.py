"""What is shown: one module per widget, over one shared hub."""
