"""Passwords of registries: what AWS answers as a name and a password for docker and its like."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ops.aws import cloud
from ops.images.kinds import Login
from registry.access.publishing import PUBLIC_HOST
from registry.limits import PUBLIC_REGION


def login_of(host: str, data: Mapping[str, Any]) -> Login:
    """A login from one part of an answer of GetAuthorizationToken.

    :raises OddAnswer: where its token cannot be read.
    """
    try:
        user, _, password = base64.b64decode(data["authorizationToken"], validate=True).decode().partition(":")
    except ValueError:
        raise cloud.OddAnswer("GetAuthorizationToken", "it has no token that can be read") from None
    if not user or not password:
        raise cloud.OddAnswer("GetAuthorizationToken", "its token is no name and password")
    return Login(host=host, user=user, password=password, expires=data["expiresAt"])


def public_login() -> Login:
    """A password for ECR Public, to push there; us-east-1 alone gives one.

    https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html
    """
    with cloud.aws_errors():
        found = cloud.client("ecr-public", PUBLIC_REGION).get_authorization_token()["authorizationData"]
    return login_of(PUBLIC_HOST, found)
