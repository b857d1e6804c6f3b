"""How ecrctl speaks to AWS and to the CDK CLI."""
