"""Declared against actual, policies included, which CloudFormation's drift detection does not look at."""
