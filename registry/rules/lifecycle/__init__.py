"""Rules on what is kept and what expires."""
