"""Public repositories, which another service has, in one region: how they are read, and how they are put back.

https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.drift.kind import Properties, StackKind, literal, lower_camel, read_json, tags_of
from ops.drift.repository_settings import Settings, document
from ops.drift.writer import Change, Writer, text
from registry.access.publishing import public_repository_arn
from registry.locations import Location
from registry.model import PublicRepository, Registry
from registry.model.ecr_documents import catalog_data
from registry.naming import STACK_TAG

_TEXTS: Final = ("description", "aboutText", "usageText")
_BADGES: Final = ("operatingSystems", "architectures")


def publishes(registry: Registry, at: Location) -> bool:
    """Whether the public repositories of a registry are at a location."""
    return any(unit.location == at for unit in registry.published)


def catalog(said: Mapping[str, Any]) -> Settings:
    """What the gallery shows, in the words of the API; AWS keeps no order of badges."""
    return {key: said.get(key) or None for key in _TEXTS} | {key: sorted(said.get(key) or ()) for key in _BADGES}


def _declared(repository: PublicRepository) -> Settings:
    policy = json.loads(repository.policy) if repository.policy else None
    return {**catalog(catalog_data(repository.shape)), "repositoryPolicy": policy, "tags": dict(repository.tags)}


def find(client: Any, registry: Registry, at: Location) -> Mapping[str, Callable[[], Settings]]:
    """Every public repository of the account, by name; texts, policy and tags cost a call each."""

    def reader(row: Any) -> Callable[[], Settings]:
        return lambda: _live(client, row["repositoryName"], row["repositoryArn"])

    pages = client.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1000})
    return {row["repositoryName"]: reader(row) for page in pages for row in page["repositories"]}


def _live(client: Any, name: str, arn: str) -> Settings:
    policy = document(
        lambda: str(client.get_repository_policy(repositoryName=name)["policyText"]),
        "RepositoryPolicyNotFoundException",
    )
    tags = tags_of(client.list_tags_for_resource(resourceArn=arn)["tags"])
    own = {key: value for key, value in tags.items() if not key.startswith("aws:") and key != STACK_TAG}
    shown = _shown(client, name)
    logo = {"logoUrl": shown["logoUrl"]} if shown.get("logoUrl") else {}  # which no file declares
    return {**catalog(shown), "repositoryPolicy": policy, "tags": own, **logo}


def _shown(client: Any, name: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = client.get_repository_catalog_data(repositoryName=name)["catalogData"]
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "RepositoryCatalogDataNotFoundException":
            raise
        return {}
    return found


def _deployed(properties: Properties) -> tuple[str, Settings]:
    said = lower_camel(properties.get("RepositoryCatalogData", {}))
    tags = tags_of(properties.get("Tags", []))
    return properties["RepositoryName"], literal(
        {
            **catalog({**said, "description": said.get("repositoryDescription")}),
            "repositoryPolicy": read_json(properties.get("RepositoryPolicyText")),
            "tags": {key: value for key, value in tags.items() if key != STACK_TAG},
        }
    )


PUBLIC_REPOSITORY: Final = StackKind(
    noun="public repository",
    service="ecr-public",
    where=publishes,
    type="AWS::ECR::PublicRepository",
    declared=lambda registry, at: {it.name: _declared(it) for it in registry.public_repositories},
    deployed=_deployed,
    find=find,
    identifier="RepositoryName",
)


def _create(client: Any, change: Change) -> None:
    """The repository as the file says it, with the tag of its stack; it is empty."""
    tags = {**change.wanted["tags"], STACK_TAG: change.registry.name}
    client.create_repository(
        repositoryName=change.name,
        catalogData=_catalog_of(change.wanted),
        tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    if change.wanted["repositoryPolicy"] is not None:
        _put_policy(client, change)


def _update(client: Any, change: Change) -> None:
    if change.settings & {*_TEXTS, *_BADGES}:
        # All of it at once: what is left out is taken away.
        client.put_repository_catalog_data(repositoryName=change.name, catalogData=_catalog_of(change.wanted))
    if "repositoryPolicy" in change.settings:
        _put_policy(client, change)
    if "tags" in change.settings:
        arn = public_repository_arn(change.at.account, change.at.region, change.name)
        wanted, live = change.wanted["tags"], change.live["tags"] if change.live else {}
        if gone := sorted(live.keys() - wanted.keys()):
            client.untag_resource(resourceArn=arn, tagKeys=gone)
        if changed := [{"Key": key, "Value": value} for key, value in wanted.items() if live.get(key) != value]:
            client.tag_resource(resourceArn=arn, tags=changed)


def _put_policy(client: Any, change: Change) -> None:
    if (policy := change.wanted["repositoryPolicy"]) is None:
        client.delete_repository_policy(repositoryName=change.name)
    else:
        client.set_repository_policy(repositoryName=change.name, policyText=text(policy))


def _catalog_of(wanted: Settings) -> dict[str, Any]:
    return {key: wanted[key] for key in (*_TEXTS, *_BADGES) if wanted[key]}


PUBLIC_WRITER: Final = Writer(create=_create, update=_update, together=(frozenset({*_TEXTS, *_BADGES}),))
