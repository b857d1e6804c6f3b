"""What `make docs` writes: schemas, the reference, the table of rules."""
