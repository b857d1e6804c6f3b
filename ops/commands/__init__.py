"""One file for each command of ecrctl."""
