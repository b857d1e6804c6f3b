"""The core: what a registry is. Imports neither aws_cdk nor boto3 (docs/decisions/0001-rooms.md)."""

from typing import Final

VERSION: Final = "0.1.0.dev0"  # of this project, https://peps.python.org/pep-0440/
