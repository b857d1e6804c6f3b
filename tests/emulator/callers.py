"""Roles of an account in an emulator with IAM on: what they may do is what their policy says."""

import itertools
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import urllib3
from botocore.config import Config
from mypy_boto3_ecr import ECRClient

from tests.emulator.cloud import MANIFEST, Cloud, digest_of, manifest_of

_names = itertools.count(1)
_http = urllib3.PoolManager(retries=False)
PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]


def statement(actions: list[str], resource: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": resource, **more}


@dataclass(frozen=True)
class Caller:
    """A session of a role, in its account's region."""

    cloud: Cloud
    credentials: Any

    @cached_property
    def ecr(self) -> ECRClient:
        return self.cloud.session.client(
            "ecr",
            region_name=self.cloud.region,
            endpoint_url=self.cloud.endpoint,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    @cached_property
    def _login(self) -> str:
        return self.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]

    def push(self, repository: str, content: str, tag: str, owner: Cloud | None = None) -> int:
        """Push as a container client does; the status of the first request that is refused, or of the last."""
        for blob in (content.encode(), b"{}"):
            path = f"{repository}/blobs/uploads/?digest={digest_of(blob)}"
            status = self.oci("POST", path, blob, owner)
            if status != 201:
                return status
        return self.oci("PUT", f"{repository}/manifests/{tag}", manifest_of(content).encode(), owner)

    def oci(self, method: str, path: str, body: bytes | None = None, owner: Cloud | None = None) -> int:
        """The status of one request to a registry, by default the own account's."""
        registry = owner or self.cloud
        host = f"{registry.account}.dkr.ecr.{registry.region}.amazonaws.com"
        headers = {"Host": host, "Content-Type": MANIFEST, "Authorization": f"Basic {self._login}"}
        return _http.request(method, f"{self.cloud.endpoint}/v2/{path}", body=body, headers=headers).status


def caller(cloud: Cloud, *statements: Any) -> Caller:
    """A new role of the account with these statements and the right to log in."""
    login = statement(["ecr:GetAuthorizationToken"], "*")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{cloud.account}:root"}, "Action": "sts:AssumeRole"}
    name = f"role-{next(_names)}"
    role = cloud.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
    cloud.iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=document(login, *statements))
    return Caller(cloud, cloud.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"])


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
