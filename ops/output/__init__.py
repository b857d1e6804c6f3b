"""What is shown: to people and to programs."""
