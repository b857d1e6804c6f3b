"""Rules about private networks."""
