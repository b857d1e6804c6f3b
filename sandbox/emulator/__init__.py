"""ministack with its gaps for Amazon ECR filled: `python -m sandbox.emulator`, from the project's root.

Settings are ministack's own environment variables. Each module patches one subject and names the AWS page it
follows, so that a reader can tell our reading of AWS from AWS itself.
"""
