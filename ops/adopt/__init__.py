"""Taking in what exists in an account already."""
