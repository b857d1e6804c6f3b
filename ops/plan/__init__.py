"""What a change of the registry file does: two files, or two revisions, read and synthesized side by side."""
