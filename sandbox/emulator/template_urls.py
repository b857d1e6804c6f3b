"""Templates in a bucket, by the address that the CDK writes for an import: the bucket is part of the host.

ministack knows `https://s3.REGION.amazonaws.com/BUCKET/KEY`, which a deploy uses, and takes the other for a path.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import re
from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import helpers

_stock = helpers._resolve_document
_VIRTUAL_HOSTED = re.compile(r"https://(?P<bucket>[^/]+)\.s3[.-][^/]*amazonaws\.com[^/]*/(?P<key>.+)")


def resolve_document(params: Mapping[str, Any], body_key: str, url_key: str, label: str) -> Any:
    """As before, with the bucket in the path."""
    if found := _VIRTUAL_HOSTED.fullmatch(helpers._p(params, url_key) or ""):
        params = {**params, url_key: [f"https://s3.amazonaws.com/{found['bucket']}/{found['key']}"]}
    return _stock(params, body_key, url_key, label)


def install() -> None:
    """Put it where every action that reads a template looks it up."""
    helpers._resolve_document = resolve_document
