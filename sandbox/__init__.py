"""A local AWS: starts it, fills its gaps, runs the real cdk CLI against it."""
