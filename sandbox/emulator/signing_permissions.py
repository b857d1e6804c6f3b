"""What others may do with a signing profile: ministack knows the actions of Lambda, and not the one of images.

"signer:SignPayload. This action isn't supported for AWS Lambda workflows",
https://docs.aws.amazon.com/signer/latest/api/API_AddProfilePermission.html
"""

from ministack.services import signer


def install() -> None:
    """Let an account sign images."""
    signer._PERMISSION_ACTIONS = (*signer._PERMISSION_ACTIONS, "signer:SignPayload")
