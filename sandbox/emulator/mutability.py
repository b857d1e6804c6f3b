"""May this tag move?

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
"""

from fnmatch import fnmatchcase

from ministack.services import ecr

from sandbox.emulator.answers import Json


def is_immutable(repository: Json, tag: str) -> bool:
    """Whether the repository forbids to move this one tag.

    An exclusion filter turns the setting round for the tags it matches. It has no character that means
    anything to fnmatch but `*`.
    """
    mutability: str = repository["imageTagMutability"]
    immutable = mutability.startswith("IMMUTABLE")
    if not mutability.endswith("_WITH_EXCLUSION"):
        return immutable
    filters = repository.get("imageTagMutabilityExclusionFilters", [])
    excluded = any(fnmatchcase(tag, each["filter"]) for each in filters)
    return immutable != excluded


def digest_tagged(repository_name: str, tag: str) -> str | None:
    """The digest of the image that has the tag now."""
    for image in ecr._images.get(repository_name, []):
        if tag in image["imageTags"]:
            digest: str = image["imageDigest"]
            return digest
    return None


def would_overwrite(repository_name: str, tag: str, digest: str) -> bool:
    """Whether giving the tag to this digest would move a tag that may not move."""
    held_by = digest_tagged(repository_name, tag)
    if held_by is None or held_by == digest:
        return False
    return is_immutable(ecr._repositories[repository_name], tag)
