"""What every question to one registry of ECR begins with, and its errors in words of this project."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.images.reference import ImageReference, WrongReference, parsed
from registry import naming
from registry.errors import ExitCode, RegistryError
from registry.locations import Location
from registry.nearest import did_you_mean

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


_PAGES: Final[Any] = {"PageSize": 1000}


class _NotThere(RegistryError):
    """Something that is not there; what is there with a name like it is looked up where a person reads the error."""

    near: Callable[[], str] = staticmethod(str)

    def more(self) -> str:
        """The nearest name, if there is one and AWS says so: this is beside the error, and fails without a word."""
        with contextlib.suppress(RegistryError), cloud.aws_errors():
            return self.near()
        return ""


class NoSuchRepository(_NotThere):
    """There is no repository of that name in the registry, or these credentials may not see it."""

    exit_code = ExitCode.INVALID


class NoSuchImage(_NotThere):
    """The repository is there, and has no such image: a no, not a failure."""


class Asking:
    """The registry of an account in a region, and how it is asked; ImageRegistry has the questions."""

    def __init__(self, region: str, *, account: str | None = None, profile: str | None = None) -> None:
        """Ask nothing yet.

        :param account: whose registry, 12 digits; default: that of the credentials. Another account's takes a policy
            on its side.
        :param profile: of ~/.aws/config, whose credentials ask; default: those of the environment.
        """
        self.region = region
        self._account = account
        self._profile = profile
        self._client: ECRClient | None = None

    def __repr__(self) -> str:
        return f"ImageRegistry({self.region!r}, account={self._account!r})"

    @property
    def account(self) -> str:
        """Whose registry it is; asks AWS once where it was not said."""
        if self._account is None:
            with cloud.aws_errors(), self._credentials():
                self._account = cloud.caller(self.region)
        return self._account

    @property
    def host(self) -> str:
        """What docker logs in to."""
        return naming.registry_host(self.account, self.region)

    def uri(self, repository: str, reference: str = "") -> str:
        """What docker and Kubernetes call a repository, or an image in it by its tag or digest."""
        sign = "@" if reference.startswith("sha256:") else ":"
        return f"{self.host}/{repository}" + (f"{sign}{reference}" if reference else "")

    @property
    def _ecr(self) -> ECRClient:
        if self._client is None:
            with self._credentials():
                self._client = cloud.ecr(self.region)
        return self._client

    def _credentials(self) -> AbstractContextManager[None]:
        return cloud.credentials_of(self._profile) if self._profile else nullcontext()

    def _of(self, repository: str | None = None) -> Any:
        """The parameters that say which registry and repository is meant."""
        return ({"registryId": self._account} if self._account else {}) | (
            {"repositoryName": repository} if repository else {}
        )

    def _here(self, reference: str | ImageReference) -> ImageReference:
        asked = parsed(reference) if isinstance(reference, str) else reference
        if asked.at is not None and asked.at != Location(self.account, self.region):
            raise WrongReference(
                f"{asked} is in {asked.at}, and this is the registry of {self.account}/{self.region}\n"
                "    way out: make an ImageRegistry of that account and region"
            )
        return asked

    @contextmanager
    def _asking(self, repository: str, image: ImageReference | None = None) -> Iterator[None]:
        """What AWS has not is said in words of this project."""
        with cloud.aws_errors():
            try:
                yield
            except ClientError as problem:
                code = problem.response.get("Error", {}).get("Code")
                if code == "RepositoryNotFoundException":
                    raise self._no_repository(repository) from problem
                if code == "ImageNotFoundException" and image is not None:
                    raise self._no_image(image) from problem
                raise cloud.refused(problem, repository) from problem

    def _no_image(self, image: ImageReference) -> NoSuchImage:
        missing = NoSuchImage(
            f"there is no image {image} in {self._where()}\n"
            f"    way out: `ecrctl images {image.repository}` lists what is there"
        )
        missing.near = lambda: did_you_mean(image.tag or "", self._tags(image.repository) if image.tag else ())
        return missing

    def _no_repository(self, repository: str) -> NoSuchRepository:
        missing = NoSuchRepository(
            f"there is no repository {repository} in {self._where()}\n"
            "    way out: `ecrctl repositories` lists what is there; one that registry.yaml declares is made by "
            "`make deploy`"
        )
        missing.near = lambda: did_you_mean(repository, self._names())
        return missing

    def _names(self) -> list[str]:
        pages = self._ecr.get_paginator("describe_repositories").paginate(**self._of(), PaginationConfig=_PAGES)
        return [row["repositoryName"] for page in pages for row in page["repositories"]]

    def _tags(self, repository: str) -> list[str]:
        pages = self._ecr.get_paginator("describe_images").paginate(
            **self._of(repository), filter={"tagStatus": "TAGGED"}, PaginationConfig=_PAGES
        )
        return [tag for page in pages for row in page["imageDetails"] for tag in row.get("imageTags", ())]

    def _where(self) -> str:
        return f"{self._account}/{self.region}" if self._account else self.region
