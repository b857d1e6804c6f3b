"""The sandbox's TLS: a certificate authority of its own, made with trustme."""

from __future__ import annotations

import trustme
from boto3.session import Session

from registry.naming import registry_host
from sandbox.place import Place

_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


def ensure_certificates(place: Place) -> None:
    """Write authority, certificate and key once; they hold for every region, so a new replica needs no restart."""
    if place.authority.exists() and place.certificate.exists() and place.key.exists():
        return
    authority = trustme.CA(organization_name="ECR sandbox", organization_unit_name="for this machine only")
    server = authority.issue_cert("localhost", "127.0.0.1", *_registry_hosts())
    server.private_key_pem.write_to_path(place.key)
    place.key.chmod(0o600)
    place.certificate.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    authority.cert_pem.write_to_path(place.authority)


def _registry_hosts() -> list[str]:
    regions = [r for p in _PARTITIONS for r in Session().get_available_regions("ecr", partition_name=p)]
    return [registry_host("*", region) for region in sorted(regions)]
