"""What a registry holds and how it is used, as AWS says it; the counting is registry/usage/."""
