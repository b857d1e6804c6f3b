"""From what an account has to the file that a person would have written."""
