"""What watches a registry, as plain data: constructs declare it, commands and documents say it."""
