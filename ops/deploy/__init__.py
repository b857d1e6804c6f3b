"""What `make deploy` does around `cdk deploy`."""
