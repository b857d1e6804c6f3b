"""What CloudFormation could only replace."""
