"""The same resources as ordinary CDK programs with level-2 constructs."""
