"""ecrctl, the tool for the day after. Among the shipped rooms the only home of boto3."""
