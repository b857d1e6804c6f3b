"""A file as written: text, positions, shapes, and what its form gets wrong."""
