"""One private registry of Amazon ECR, that of an account in a region: the class that scripts and ecrctl use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.images.kinds import Login, Manifest, Referrer, Signing, StoredImage, StoredRepository, Usage
from ops.images.logins import login_of
from ops.images.recorded import Recorded
from ops.images.reference import ImageReference
from ops.images.rows import image_of, manifest_of, repository_of, usage_of
from ops.images.taking import Taking
from ops.images.vulnerabilities import NEVER, ScanResult, result_of
from registry.errors import RegistryError

if TYPE_CHECKING:
    from ops.images.promotion import Promotion
    from ops.images.release import Release

_BATCH: Final = 100  # images in one BatchGetImage (API)
_ANY: Final = {"imageStatus": "ANY"}  # without it, AWS leaves out archived images (botocore's DescribeImagesFilter)


class ScanRefused(RegistryError):
    """ECR does not scan an image now, or not in this way."""


#: Why a scan does not start, by the code of the error, and the way out.
#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html
_SCANS: Final = {
    "LimitExceededException": "an image can be scanned once in 24 hours; `ecrctl findings` shows the last scan",
    "UnsupportedImageTypeException": "ask for an image that ECR can read: no artifact, and none without layers",
    "ImageArchivedException": "restore the image first",
    "ValidationException": "with scan_type: ENHANCED Amazon Inspector scans by itself; see `ecrctl findings`",
}


class InTheArchive(RegistryError):
    """An image cannot be pulled before it is restored."""


class TagTaken(RegistryError):
    """A tag that is fixed is on another image."""


class ImageRegistry(Taking, Recorded):
    """The registry of an account in a region, with the credentials, profile and endpoint of the environment.

    Every method asks AWS anew. It raises `ops.aws.cloud.CloudError` where AWS refuses, cannot be reached or answers
    what cannot be used.
    """

    def login(self) -> Login:
        """A password for docker and its like, good for 12 hours in every registry these credentials may use."""
        with cloud.aws_errors():
            found = self._ecr.get_authorization_token()["authorizationData"]
        if not found:
            raise cloud.OddAnswer("GetAuthorizationToken", "it has no token that can be read")
        return login_of(self.host, found[0])

    def repositories(self) -> list[StoredRepository]:
        """Every repository of the registry by name, also those that no file declares."""
        with cloud.aws_errors():
            pages = self._ecr.get_paginator("describe_repositories").paginate(
                **self._of(), PaginationConfig={"PageSize": 1000}
            )
            found = [repository_of(row) for page in pages for row in page["repositories"]]
        return sorted(found, key=lambda it: it.name)

    def repository(self, name: str) -> StoredRepository:
        """One repository as it is now.

        :raises NoSuchRepository: where there is none of that name.
        """
        with self._asking(name):
            pages = self._ecr.get_paginator("describe_repositories").paginate(**self._of(), repositoryNames=[name])
            rows = [row for page in pages for row in page["repositories"]]
            return repository_of(cloud.first(rows, "DescribeRepositories"))

    def images(self, repository: str, *, tagged: bool = False) -> list[StoredImage]:
        """Every image of a repository, the newest first: each digest once with all its tags, archived ones too.

        What a manifest list consists of has digests of its own, without tags. Reads no manifest, so ECR records no
        pull.

        :param tagged: only those with a tag.
        :raises NoSuchRepository: where there is none of that name.
        """
        found = self.each_image(repository, tagged=tagged)
        return sorted(found, key=lambda it: (it.pushed, it.digest), reverse=True)

    def each_image(self, repository: str, *, tagged: bool = False) -> Iterator[StoredImage]:
        """The same in no order, and one page of a thousand at a time."""
        for rows in self._pages(repository, tagged=tagged):
            yield from (image_of(row, repository) for row in rows)

    def usage(self, repository: str) -> Usage:
        """What a repository holds: how many images, how large they are in sum, when it was last used.

        :raises NoSuchRepository: where there is none of that name.
        """
        return usage_of(row for rows in self._pages(repository, tagged=False) for row in rows)

    def _pages(self, repository: str, *, tagged: bool) -> Iterator[Sequence[Mapping[str, Any]]]:
        """The entries of DescribeImages, page by page."""
        wanted = {**_ANY, "tagStatus": "TAGGED"} if tagged else _ANY
        with self._asking(repository):
            pages = self._ecr.get_paginator("describe_images").paginate(
                **self._of(repository), filter=cast("Any", wanted), PaginationConfig={"PageSize": 1000}
            )
            for page in pages:
                yield page["imageDetails"]

    def find(self, reference: str | ImageReference) -> StoredImage:
        """The image that a reference means, such as `web/api:v1`; of a tag and a digest the digest counts.

        :raises NoSuchImage: where the repository has none.
        :raises NoSuchRepository: where there is no such repository.
        :raises WrongReference: for a text that is no reference, or names another registry than this one.
        """
        asked = self._here(reference)
        with self._asking(asked.repository, asked):
            pages = self._ecr.get_paginator("describe_images").paginate(
                **self._of(asked.repository), imageIds=[cast("Any", asked.image_id)], filter=cast("Any", _ANY)
            )
            rows = [row for page in pages for row in page["imageDetails"]]
        if not rows:
            raise self._no_image(asked)
        return image_of(rows[0], asked.repository)

    def find_active(self, reference: str | ImageReference) -> StoredImage:
        """The same, of an image that can be pulled.

        :raises InTheArchive: where it has to be restored first.
        """
        image = self.find(reference)
        if image.status != "ACTIVE":
            raise InTheArchive(
                f"{reference} is in the archive, and cannot be pulled\n"
                "    way out: restore it (`aws ecr update-image-storage-class`), and wait until it is ACTIVE"
            )
        return image

    def manifests(self, repository: str, digests: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Manifests by digest, those that are there and not archived. To ECR this is a pull, which it records.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
        """
        found: dict[str, dict[str, Any]] = {}
        with self._asking(repository):
            for batch in _batches(digests):
                ids: Any = [{"imageDigest": digest} for digest in batch]
                for row in self._ecr.batch_get_image(**self._of(repository), imageIds=ids)["images"]:
                    found[row["imageId"]["imageDigest"]] = manifest_of(row["imageManifest"])
        return found

    def manifest(self, repository: str, digest: str) -> Manifest:
        """One manifest, byte by byte as it was pushed. To ECR this is a pull.

        :raises NoSuchImage: where there is none that can be pulled.
        """
        asked = ImageReference(repository=repository, tag=None, digest=digest, at=None)
        with self._asking(repository, asked):
            rows = self._ecr.batch_get_image(**self._of(repository), imageIds=[cast("Any", asked.image_id)])["images"]
        if not rows:
            raise self._no_image(asked)
        text = rows[0]["imageManifest"]
        if f"sha256:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}" != digest:
            raise cloud.OddAnswer("BatchGetImage", f"its manifest is not the one of {digest}")
        return Manifest(digest=digest, text=text, media_type=rows[0].get("imageManifestMediaType", ""))

    def put(self, repository: str, manifest: Manifest, tag: str | None = None) -> None:
        """Put a manifest, or a tag on one that is there; the same once more is no error.

        ECR refuses a manifest with another digest, and one of which a part is missing.
        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html

        :raises TagTaken: where the tag is fixed, and on another image.
        """
        more = ({"imageManifestMediaType": manifest.media_type} if manifest.media_type else {}) | (
            {"imageTag": tag} if tag else {}
        )
        with self._asking(repository):
            try:
                self._ecr.put_image(
                    **self._of(repository), imageManifest=manifest.text, imageDigest=manifest.digest, **more
                )
            except self._ecr.exceptions.ImageAlreadyExistsException:
                return  # put before; or the answer to it was lost, and botocore asked once more
            except self._ecr.exceptions.ImageTagAlreadyExistsException as problem:
                raise TagTaken(
                    f"{repository}:{tag} is on another image, and it is fixed\n"
                    f"    way out: `ecrctl image {repository}:{tag}` shows it"
                ) from problem

    def promote(self, reference: str, environment: str) -> Promotion:
        """Move the tag `environment`, such as prod, to an image of the same repository, and remember it.

        An index is promoted whole; nothing is built or copied. docs/promoting.md says what a promotion writes.

        :raises Overtaken: where somebody else promoted meanwhile; Unfinished where another promotion has to end first.
        :raises TagIsFixed: where the tag may not move.
        """
        from ops.images import promoting, promotion

        return promoting.carry_out(self, promotion.plan(self, reference, environment))

    def roll_back(self, repository: str, environment: str) -> Promotion:
        """Move the tag `environment` to what it was on before the last promotion; twice goes back two.

        :raises NothingBefore: where it was on nothing before. And what `promote` raises.
        """
        from ops.images import promoting, promotion

        return promoting.carry_out(self, promotion.plan_back(self, repository, environment))

    def release(self, repository: str, source: str, version: str) -> Release:
        """Tag an image v1.2.3, and move v1.2.x and v1.x to it where it is their newest.

        :param source: a tag or a digest in the repository.
        :raises VersionRefused: for what is no version, or is released already as another image.
        :raises TagIsFixed: where a tag that has to move may not.
        """
        from ops.images import release

        return release.carry_out(self, release.plan(self, repository, source, version))

    def referrers(self, repository: str, digest: str) -> list[Referrer]:
        """What refers to an image: signatures, SBOMs, attestations; archived ones too.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
        """
        found: list[Referrer] = []
        asked: dict[str, Any] = {"subjectId": {"imageDigest": digest}, "filter": {"artifactStatus": "ANY"}}
        with self._asking(repository):
            while True:
                page = self._ecr.list_image_referrers(**self._of(repository), **asked, maxResults=50)
                found += [
                    Referrer(
                        digest=row["digest"],
                        artifact_type=row.get("artifactType", ""),
                        size=row.get("size"),
                        status=row.get("artifactStatus", "ACTIVE"),
                    )
                    for row in page["referrers"]
                ]
                if not (token := page.get("nextToken")):
                    return found
                asked["nextToken"] = token

    def signing(self, repository: str, digest: str) -> list[Signing]:
        """The status of every signing profile for an image; none where no signing rule covers it.

        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageSigningStatus.html
        """
        asked = ImageReference(repository=repository, tag=None, digest=digest, at=None)
        with self._asking(repository, asked):
            found = self._ecr.describe_image_signing_status(
                **self._of(repository), imageId=cast("Any", asked.image_id)
            )["signingStatuses"]
        return [
            Signing(
                profile=row["signingProfileArn"],
                status=row["status"],
                reason=": ".join(row[key] for key in ("failureCode", "failureReason") if row.get(key)),
            )
            for row in found
        ]

    def findings(self, repository: str, digest: str) -> ScanResult:
        """What the last scan of an image found; of a manifest list ask for each of its images.

        :raises NoSuchImage: where there is no such image.
        """
        asked = ImageReference(repository=repository, tag=None, digest=digest, at=None)
        with self._asking(repository, asked):
            pages = self._ecr.get_paginator("describe_image_scan_findings").paginate(
                **self._of(repository), imageId=cast("Any", asked.image_id), PaginationConfig={"PageSize": 1000}
            )
            try:
                return result_of(cast("Any", pages))
            except self._ecr.exceptions.ScanNotFoundException:
                return ScanResult(status=NEVER, reason="ECR has no scan of it")

    def start_scan(self, repository: str, digest: str) -> None:
        """Have ECR scan an image once more: a basic scan, of an image once in 24 hours.

        :raises ScanRefused: where scans are enhanced, or the image was scanned already or cannot be.
        """
        asked = ImageReference(repository=repository, tag=None, digest=digest, at=None)
        with self._asking(repository, asked):
            try:
                self._ecr.start_image_scan(**self._of(repository), imageId=cast("Any", asked.image_id))
            except ClientError as problem:
                way_out = _SCANS.get(problem.response.get("Error", {}).get("Code", ""))
                if way_out is None:
                    raise
                said = problem.response["Error"].get("Message", "")
                raise ScanRefused(f"ECR does not scan {asked}: {said}\n    way out: {way_out}") from problem


def _batches(digests: Iterable[str]) -> Iterator[list[str]]:
    left = iter(dict.fromkeys(digests))
    while batch := list(islice(left, _BATCH)):
        yield batch
