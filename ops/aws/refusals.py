"""What a person can do when AWS refuses a call or cannot be reached: the way out, by what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from registry.access.purposes import AUDIT, GRANTED

#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html, and what STS and EC2 call the same.
_EXPIRED: Final = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_STRANGERS: Final = (
    *("AuthFailure", "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException"),
    *("MissingAuthenticationToken", "SignatureDoesNotMatch", "UnrecognizedClientException"),
)
_DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_THROTTLED: Final = (*("RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"),)
_LOG_IN: Final = "log in again, for example with `aws sso login`, and run the same command once more"
_WAYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_EXPIRED, f"the credentials have expired: {_LOG_IN}"),
    **dict.fromkeys(
        _STRANGERS,
        "AWS does not know these credentials: choose others with AWS_PROFILE; `aws sts get-caller-identity`"
        " says whose they are",
    ),
    **dict.fromkeys(
        _THROTTLED, "AWS was asked too often, also after several pauses: run it again when other jobs have ended"
    ),
}
#: Neither is an answer of the service: it failed, or something before it said no in words of its own.
_FAILED: Final = (
    "run it again; if that does not help, look for a failure of the service (https://health.aws.amazon.com), a proxy or"
    " an endpoint (AWS_ENDPOINT_URL) that answers instead of AWS"
)
#: What no call came of, by the class of botocore's exception; others are about the network.
_UNASKED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
        "name a profile with AWS_PROFILE, or log in, for example with `aws sso login`",
    ),
    **dict.fromkeys(("SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError"), _LOG_IN),
    "ProfileNotFound": "name one that `aws configure list-profiles` prints",
    **dict.fromkeys(
        ("NoRegionError", "InvalidRegionError"),
        "name a region, such as ap-northeast-2; a registry.yaml has it in registry.region",
    ),
}
_NETWORK: Final = "check the network, a proxy (HTTPS_PROXY), an endpoint (AWS_ENDPOINT_URL) and the region"
#: What AWS allows with another action.
#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
_UNDER: Final = {"ecr:ListImageReferrers": "ecr:BatchGetImage"}


def of_refusal(problem: ClientError, service: str, repository: str = "") -> str:
    """The way out of a refused call; empty where AWS's own words have to do.

    :param service: as IAM's actions begin, such as `ecr`; empty where it is not known.
    :param repository: which repository it was about, where that is known.
    """
    code = problem.response.get("Error", {}).get("Code", "")
    if code not in _DENIED:
        status = problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return _WAYS.get(code, _FAILED if status >= 500 or code.isdigit() else "")
    if not service:
        return "`ecrctl permissions COMMAND` prints the permissions that a command needs"
    action = f"{service}:{problem.operation_name}"
    action = _UNDER.get(action, action)
    granted = [f"`{name}:`" for name, purpose in GRANTED.items() if action in purpose.of_own_roles]
    said = f"it takes {action}"
    if granted:
        said += f", which {' or '.join(granted)} of {repository or 'a repository'} in registry.yaml grants"
    elif action in (*AUDIT.on_repositories, *AUDIT.on_registry):
        said += ", which the policy for auditors of the Access stack grants"
    return f"{said}; `ecrctl permissions COMMAND` prints all that a command needs"


def of_silence(problem: BotoCoreError) -> str:
    """The way out where AWS could not be asked."""
    return _UNASKED.get(type(problem).__name__, _NETWORK)
