"""Rules on VPC endpoints."""
