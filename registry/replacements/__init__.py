"""Two sets of templates: what is not the same, and what CloudFormation could only replace."""
