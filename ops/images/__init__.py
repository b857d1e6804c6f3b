"""Amazon ECR for scripts: log in, list and find images, and read what scans found in them. `ecrctl` stands on the same.

    from ops.images import ImageRegistry

    registry = ImageRegistry("ap-northeast-2", account="123456789012")
    newest = max(registry.images("web/api"), key=lambda image: image.pushed)
    print(registry.uri("web/api", newest.digest), newest.tags)

Errors have one base class, `registry.errors.RegistryError`; their text says what to do. There is nothing here that
creates or configures a repository: registry.yaml declares it, and `make deploy` makes it.
"""

from ops.images.asking import NoSuchImage, NoSuchRepository
from ops.images.kinds import Failure, Login, Referrer, Signing, StoredImage, StoredRepository
from ops.images.promotion import NothingBefore, Overtaken, Promotion, TagIsFixed, Unfinished
from ops.images.reference import ImageReference, WrongReference, parsed
from ops.images.registry import ImageRegistry, InTheArchive, ScanRefused, TagTaken
from ops.images.taking import ClassRefused
from ops.images.vulnerabilities import Package, ScanResult, Vulnerability

__all__ = [
    "ClassRefused",
    "Failure",
    "ImageReference",
    "ImageRegistry",
    "InTheArchive",
    "Login",
    "NoSuchImage",
    "NoSuchRepository",
    "NothingBefore",
    "Overtaken",
    "Package",
    "Promotion",
    "Referrer",
    "ScanRefused",
    "ScanResult",
    "Signing",
    "StoredImage",
    "StoredRepository",
    "TagIsFixed",
    "TagTaken",
    "Unfinished",
    "Vulnerability",
    "WrongReference",
    "parsed",
]
