"""What a registry holds and how it is used, counted by unique layers (docs/decisions/0063-usage.md)."""
