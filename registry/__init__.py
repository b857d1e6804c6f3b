"""The core: what a registry is. Imports neither aws_cdk nor boto3 (docs/decisions/0001-rooms.md)."""
