"""`python -m ops` is ecrctl."""

from ops.cli import main

main()
