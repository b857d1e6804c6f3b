"""A small service that says which build it is."""
