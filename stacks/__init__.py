"""Deployment units. Stacks only wire constructs together."""
