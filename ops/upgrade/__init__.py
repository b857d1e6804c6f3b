"""What another version of this project makes of the same registry file."""
