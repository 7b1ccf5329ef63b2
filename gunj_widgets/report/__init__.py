"""Evidence as something to read: a page, a text or a notebook, with figures and a manifest of hashes. Pure."""
