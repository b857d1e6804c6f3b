"""One account in one region of the emulator: boto3 clients, and pushes over the OCI endpoint."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import urllib3
from botocore.config import Config
from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_ecr import ECRClient
from mypy_boto3_iam import IAMClient
from mypy_boto3_sts import STSClient

HOME = "ap-northeast-2"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

_http = urllib3.PoolManager(retries=False)


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def manifest_of(content: str) -> str:
    """The manifest of an image whose only layer is this text; other text, other digest."""
    layer, config = content.encode(), b"{}"
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest_of(config), "size": len(config)},
            "layers": [{"mediaType": LAYER, "digest": digest_of(layer), "size": len(layer)}],
        }
    )


@dataclass(frozen=True)
class Cloud:
    """A 12-digit access key is that account's root, and any secret will do."""

    session: boto3.Session
    endpoint: str
    account: str
    region: str = HOME
    certificate: Path | None = None

    @cached_property
    def ecr(self) -> ECRClient:
        return self.session.client(
            "ecr",
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.account,
            aws_secret_access_key="any",
            verify=str(self.certificate) if self.certificate else None,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        return self.session.client(
            "cloudformation",
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.account,
            aws_secret_access_key="any",
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )

    @cached_property
    def iam(self) -> IAMClient:
        return self.session.client("iam", **self._as_root)

    @cached_property
    def kms(self) -> Any:
        return self.session.client("kms", **self._as_root)

    @cached_property
    def events(self) -> Any:
        return self.session.client("events", **self._as_root)

    @cached_property
    def cloudwatch(self) -> Any:
        return self.session.client("cloudwatch", **self._as_root)

    @cached_property
    def sns(self) -> Any:
        return self.session.client("sns", **self._as_root)

    @cached_property
    def sqs(self) -> Any:
        return self.session.client("sqs", **self._as_root)

    @cached_property
    def ec2(self) -> Any:
        return self.session.client("ec2", **self._as_root)

    @cached_property
    def sts(self) -> STSClient:
        return self.session.client("sts", **self._as_root)

    @property
    def _as_root(self) -> Any:
        return {
            "region_name": self.region,
            "endpoint_url": self.endpoint,
            "aws_access_key_id": self.account,
            "aws_secret_access_key": "any",
            "config": Config(proxies={}, retries={"total_max_attempts": 1}),
        }

    def at(self, region: str) -> "Cloud":
        """The same account in another region."""
        return replace(self, region=region)

    def put_image(self, repository: str, content: str, tag: str | None = None) -> str:
        """Push with ECR's API alone; the digest."""
        manifest = manifest_of(content)
        named = {"imageTag": tag} if tag else {}
        self.ecr.put_image(repositoryName=repository, imageManifest=manifest, imageManifestMediaType=MANIFEST, **named)
        return digest_of(manifest.encode())

    def put_list(self, repository: str, tag: str, *digests: str) -> str:
        """Push a manifest list of these images; its digest."""
        entries = [{"mediaType": MANIFEST, "digest": digest, "size": 1} for digest in digests]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
        self.ecr.put_image(
            repositoryName=repository, imageManifest=manifest, imageManifestMediaType=INDEX, imageTag=tag
        )
        return digest_of(manifest.encode())

    def push(self, repository: str, content: str, tag: str) -> urllib3.BaseHTTPResponse:
        """Push as a container client does; the answer to the manifest."""
        for blob in (content.encode(), b"{}"):
            path = f"{repository}/blobs/uploads/?digest={digest_of(blob)}"
            if self.oci("POST", path, blob).status != 201:
                raise RuntimeError(f"the layer was not taken: {path}")
        return self.oci("PUT", f"{repository}/manifests/{tag}", manifest_of(content).encode())

    def oci(self, method: str, path: str, body: bytes | None = None) -> urllib3.BaseHTTPResponse:
        """One request to the registry, which the Host header names."""
        host = f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"
        headers = {"Host": host, "Content-Type": MANIFEST}
        return _http.request(method, f"{self.endpoint}/v2/{path}", body=body, headers=headers)

    def tags(self, repository: str) -> dict[str, set[str]]:
        """The tags of every image, by digest."""
        images = self.ecr.describe_images(repositoryName=repository)["imageDetails"]
        return {image["imageDigest"]: set(image["imageTags"]) for image in images}
