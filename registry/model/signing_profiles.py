"""A signing profile as AWS Signer's API writes it; the CDK's level-1 properties have the same words.

https://docs.aws.amazon.com/signer/latest/api/API_PutSigningProfile.html
https://docs.aws.amazon.com/signer/latest/api/API_AddProfilePermission.html
"""

from __future__ import annotations

from typing import Any, Final

from registry.locations import Location
from registry.naming import partition
from registry.shape import SigningProfileShape

#: The platform of container images: signatures in the format of the Notary Project.
PLATFORM: Final = "Notation-OCI-SHA384-ECDSA"


def signing_profile_arn(at: Location, profile: str) -> str:
    """ARN of a profile of a location; `*` is allowed at the end of the name in a policy."""
    return f"arn:{partition(at.region)}:signer:{at.region}:{at.account}:/signing-profiles/{profile}"


def validity(profile: SigningProfileShape) -> dict[str, Any]:
    """For how long a signature is valid."""
    return {"type": "MONTHS", "value": profile.signature_validity_in_months}


def permission_id(account: str) -> str:
    """The id of the statement by which a profile lets another account sign; one for each account."""
    return f"ecr-registry-{account}"
