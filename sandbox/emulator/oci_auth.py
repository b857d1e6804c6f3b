"""Who speaks to the OCI registry, and whether IAM lets them: ministack asks nobody there.

GetAuthorizationToken gives a password that names its caller, as ECR's does, and every request of the Distribution
protocol is judged as the ECR action it stands for, by the caller's policies and the repository's.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
That the verbs stand for these actions is our reading of the second page, which names them for a push as a whole.
Without IAM (AUTH=false) nobody is asked here either.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from typing import Any

from ministack import app
from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, get_region, set_request_account_id
from ministack.services import ecr
from ministack.services import iam as iam_service

from sandbox.emulator import create_on_push
from sandbox.emulator.access import refusal_of
from sandbox.emulator.answers import Answer, Json, answer

LASTS = 12 * 60 * 60  # seconds: "valid for 12 hours"
_SECRET = os.urandom(32)
ACTIONS = {
    ("manifest", "GET"): "BatchGetImage",
    ("manifest", "HEAD"): "BatchGetImage",
    ("manifest", "PUT"): "PutImage",
    ("manifest", "DELETE"): "BatchDeleteImage",
    ("blob", "GET"): "GetDownloadUrlForLayer",
    ("blob", "HEAD"): "BatchCheckLayerAvailability",
    ("blob_uploads", "POST"): "InitiateLayerUpload",
    ("blob_upload_session", "PATCH"): "UploadLayerPart",
    ("blob_upload_session", "PUT"): "CompleteLayerUpload",
    ("tags_list", "GET"): "ListImages",
}

_stock_handle_registry_request = ecr.handle_registry_request
_stock_resolve_condition_key = iam._resolve_condition_key


def get_authorization_token(headers: dict[str, str], query_params: Json) -> Answer:
    """A password that names the caller's access key and account, signed, for 12 hours.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
    """
    expires = int(time.time()) + LASTS
    key = app.extract_access_key_id(headers, query_params) or ""
    claim = json.dumps([key, get_account_id(), expires]).encode()
    password = base64.urlsafe_b64encode(_signature(claim).encode() + claim)
    return answer(
        {
            "authorizationData": [
                {
                    "authorizationToken": base64.b64encode(b"AWS:" + password).decode(),
                    "expiresAt": expires,
                    "proxyEndpoint": f"https://{get_account_id()}.dkr.ecr.{get_region()}.amazonaws.com",
                }
            ]
        }
    )


def _signature(claim: bytes) -> str:
    return hmac.new(_SECRET, claim, hashlib.sha256).hexdigest()


def caller_of(authorization: str) -> tuple[str, str] | None:
    """Access key and account of a Basic authorization; None where it is none of ours, or is too old."""
    try:
        password = base64.b64decode(authorization.partition(" ")[2]).partition(b":")[2]
        raw = base64.urlsafe_b64decode(password)
        signature, claim = raw[:64], raw[64:]
        if not hmac.compare_digest(signature, _signature(claim).encode()):
            return None
        key, account, expires = json.loads(claim)
    except ValueError:
        return None
    return (str(key), str(account)) if expires > time.time() else None


async def handle_registry_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: Json
) -> Any:
    """401 for strangers, 403 for those whom IAM does not let, and ministack for the others."""
    named = {name.lower(): value for name, value in headers.items()}
    caller: tuple[str, str] | None = None
    if app.AUTH:
        caller = caller_of(named.get("authorization", ""))
        if caller is None:
            status, answered, text = ecr._registry_error(401, "UNAUTHORIZED", "Not Authorized")
            realm = f'Basic realm="https://{named.get("host", "")}/",service="ecr.amazonaws.com"'
            return status, {**answered, "Www-Authenticate": realm}, text
        set_request_account_id(caller[1])  # whose registry it is where the host does not say
        refused = _refused(*caller, method, path, named.get("host", ""))
        if refused:
            return ecr._registry_error(403, "DENIED", refused)
    failed = create_on_push.prepare(caller, method, path, named.get("host", ""))
    if failed is not None:
        return failed
    return await _stock_handle_registry_request(method, path, headers, body, query_params)


def _refused(key: str, account: str, method: str, path: str, host: str) -> str:
    """Why IAM does not let the caller do this; empty where it does."""
    parsed = ecr._parse_v2_path(path)
    if parsed is None or not parsed[1]:
        return ""
    verb, name, _ = parsed
    owner, region = ecr._registry_scope_hint(host) or (account, get_region())
    action = f"ecr:{ACTIONS.get((verb, method.upper()), 'Unknown')}"
    return refusal_of(key, account, action, owner, region, name)


def resolve_condition_key(key: str, context: Any) -> Any:
    """`aws:PrincipalArn` of a session is the ARN of its role; ministack says the session's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if key.lower() == "aws:principalarn" and ":assumed-role/" in context.principal_arn:
        name = context.principal_arn.split("/")[1]
        role = iam_service._roles.get_scoped(context.principal_account, None, name)
        return role["Arn"] if role else None
    return _stock_resolve_condition_key(key, context)


def install() -> None:
    """Stand before the OCI registry, and before the condition key."""
    ecr.handle_registry_request = handle_registry_request
    iam._resolve_condition_key = resolve_condition_key
