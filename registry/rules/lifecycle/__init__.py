"""Rules about lifecycles."""
