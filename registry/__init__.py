"""The core: what a registry is. Imports neither aws_cdk nor boto3 (docs/decisions/0001-rooms.md)."""

from typing import Final

#: Of this project, by https://semver.org: docs/versions.md says what changes which part. The tag in git is v and this.
VERSION: Final = "0.1.0"
