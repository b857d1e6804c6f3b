"""Every command of ecrctl that asks AWS: how it is typed, what it changes, and how that is undone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from registry.access.cloudformation import execution_policy_arns
from sandbox.clients import client
from tests.faults.trial import Command
from tests.faults.world import LATE_STACK, World, changed
from tests.sandbox.conftest import HOME, REPLICA
from tests.sandbox.failing_app import TAKEN
from tests.sandbox.put import put_assembly

FILE = ("--registry", "{file}")
OF_THE_APP = (*FILE, "--app", "{app}")
OF_LATE = ("--registry", "{late}", "--app", "{late_app}")
#: The tags that are there in the beginning.
TAGS = {"v1", "v2", "build-7"}


def _mounting(world: World) -> Any:
    regions = (HOME, REPLICA)
    return [world.client(region=region).get_account_setting(name="BLOB_MOUNTING")["value"] for region in regions]


def _no_mounting(world: World) -> None:
    for region in (HOME, REPLICA):
        world.client(region=region).put_account_setting(name="BLOB_MOUNTING", value="DISABLED")


def _tags(world: World) -> Any:
    """Where the tags are, without the times in the names of those that remember a promotion.

    A restore that goes on ends when somebody has looked once (docs/sandbox.md).
    """
    return [
        sorted(
            (re.sub(r"\d{8}T\d{6}Z", "TIME", tag), digest, status.replace("ACTIVATING", "ACTIVE"))
            for tag, (digest, status) in world.tags(repository).items()
        )
        for repository in ("web/api", "prod/api")
    ]


def lost(before: Any, now: Any, after: Any) -> Iterator[str]:
    """Images and tags that stay in a whole run, and are not there now; a tag may be where it was or where it goes."""
    for old, there, new in zip(before, now, after, strict=True):
        was, on, will = ({tag: digest for tag, digest, _ in rows} for rows in (old, there, new))
        yield from (set(was.values()) & set(will.values())) - set(on.values())
        for tag in was.keys() & will.keys():
            if on.get(tag) not in {was[tag], will[tag]}:
                yield f"{tag}, which is on {on.get(tag)}"


def _with_list(world: World) -> None:
    """A manifest list with two images, and nothing begun."""
    _only()(world)
    world.push_list("web/api", "multi", "amd64", "arm64")
    shutil.rmtree(world.notes, ignore_errors=True)


def _only(*more: str) -> Callable[[World], None]:
    """No tags but those of the beginning; `prod` is on v1."""

    def restore(world: World) -> None:
        _class("STANDARD")(world)
        if gone := [tag for tag in world.tags() if tag not in TAGS]:
            world.untag(*gone)
        if there := world.tags("prod/api"):
            world.untag(*there, repository="prod/api")
        world.push("web/api", "v1", "prod", text="release 1")
        for tag in more:
            world.push("web/api", tag, text=tag)

    return restore


def _without_copy(world: World) -> None:
    """`prod/api` has neither the image nor its layers, so that each run sends them."""
    _only()(world)
    world.without_layers("prod/api", "build-7", source="web/api")


def _class(wanted: str) -> Callable[[World], None]:
    def restore(world: World) -> None:
        (digest, status) = world.tags()["v2"]
        if status != ("ACTIVE" if wanted == "STANDARD" else "ARCHIVED"):
            world.client().update_image_storage_class(
                repositoryName="web/api", imageId={"imageDigest": digest}, targetStorageClass=wanted
            )
        world.tags()  # what is restored is there when it has been asked for

    return restore


def _settings(world: World) -> Any:
    """What `changed` changes."""
    found = []
    for region in (HOME, REPLICA):
        ecr = world.client(region=region)
        (row,) = ecr.describe_repositories(repositoryNames=["web/api"])["repositories"]
        found.append(row["imageTagMutability"])
        with suppress(ClientError):
            found.append(ecr.get_lifecycle_policy(repositoryName="web/api")["lifecyclePolicyText"])
    return [*found, world.client().describe_registry()["replicationConfiguration"]]


def _replicated(world: World) -> None:
    """Replication is as declared, and the replica has nothing."""
    destination = {"region": REPLICA, "registryId": world.registry.account}
    everything = [{"filter": name, "filterType": "PREFIX_MATCH"} for name in ("web/api", "prod/api")]
    world.client().put_replication_configuration(
        replicationConfiguration={"rules": [{"destinations": [destination], "repositoryFilters": everything}]}
    )
    replica = world.client(region=REPLICA)
    if ids := replica.list_images(repositoryName="web/api")["imageIds"]:
        replica.batch_delete_image(repositoryName="web/api", imageIds=ids)


def _arrived(world: World) -> Any:
    return sorted(world.tags(region=REPLICA))


def _no_late(world: World) -> None:
    """Neither the stack nor its repository."""
    for region in (HOME, REPLICA):
        cloudformation = world.client("cloudformation", region)
        with suppress(ClientError):
            cloudformation.update_termination_protection(StackName=LATE_STACK, EnableTerminationProtection=False)
            cloudformation.delete_stack(StackName=LATE_STACK)
        with suppress(ClientError):
            world.client(region=region).delete_repository(repositoryName="late/one", force=True)


def _late_outside(world: World) -> None:
    """The repository is there and in no stack; with the settings that the file says."""
    world.sandbox.allow(world.registry, world.registry.account)
    _put_late(world)
    for region in (HOME, REPLICA):
        cloudformation = world.client("cloudformation", region)
        cloudformation.update_termination_protection(StackName=LATE_STACK, EnableTerminationProtection=False)
        cloudformation.delete_stack(StackName=LATE_STACK)


def _late_differs(world: World) -> None:
    _late_outside(world)
    world.client(region=REPLICA).put_image_tag_mutability(repositoryName="late/one", imageTagMutability="MUTABLE")


def _put_late(world: World) -> None:
    """The stack is deployed."""
    _no_late(world)
    put_assembly(world.sandbox.place, world.late, world.late_assembly, only={LATE_STACK})


def _late(world: World) -> Any:
    """The stack and the repository in each region."""
    found: list[Any] = []
    for region in (HOME, REPLICA):
        cloudformation, ecr = world.client("cloudformation", region), world.client(region=region)
        try:
            rows = cloudformation.list_stack_resources(StackName=LATE_STACK)["StackResourceSummaries"]
            found.append([row.get("PhysicalResourceId") for row in rows])
        except ClientError:
            found.append(None)
        try:
            (row,) = ecr.describe_repositories(repositoryNames=["late/one"])["repositories"]
            found.append(row["imageTagMutability"])
        except ClientError:
            found.append(None)
    return found


def _failed(world: World) -> None:
    """A first deploy has failed."""
    _no_late(world)
    with suppress(ClientError):
        world.client("ssm").put_parameter(Name=TAKEN, Type="String", Value="mine")
    taken = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": TAKEN, "Type": "String", "Value": "ours"}}
    world.client("cloudformation").create_stack(
        StackName=LATE_STACK,
        TemplateBody=json.dumps({"Resources": {"Taken": taken}}),
        EnableTerminationProtection=True,
        Tags=[{"Key": "ecr-registry", "Value": "acme"}],
    )


def _allowed(world: World) -> Any:
    """What CloudFormation may do."""
    iam, (arn, *_) = _iam(world)
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _allowed_nothing(world: World) -> None:
    """As many versions as there can be, and the last one says something else."""
    iam, (arn, *_) = _iam(world)
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:X", "Resource": "*"}]}
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(nothing), SetAsDefault=True)


def _iam(world: World) -> tuple[Any, Any]:
    place, account = world.sandbox.place, world.registry.account
    return client(place, account, HOME, "iam"), execution_policy_arns(world.registry, account)


def _prices(world: World) -> Any:
    file = world.folder / "prices.yaml"
    return file.exists() and file.read_text()


def _no_prices(world: World) -> None:
    (world.folder / "prices.yaml").unlink(missing_ok=True)


READING = (
    Command("access --prove", ("access", "--prove", *FILE)),
    Command("adopt", ("adopt", "acme", "--region", HOME), restore=changed),
    Command("bootstrap --check", ("bootstrap", "--check", *FILE)),
    Command("before-deploy", ("before-deploy", *OF_THE_APP, "--force", "--", "--accept", "trial")),
    Command("cache validate", ("cache", "validate", *FILE)),
    Command("cost --live", ("cost", "--live", *FILE)),
    Command("drift", ("drift", *FILE), restore=changed),
    Command("drift --before-deploy", ("drift", "--before-deploy", *FILE), restore=changed),
    Command("findings", ("findings", *FILE)),
    Command("image", ("image", "web/api:v1", *FILE)),
    Command("images", ("images", "web/api", *FILE)),
    Command("images --manifests", ("images", "web/api", "--manifests", *FILE)),
    Command("lifecycle guard", ("lifecycle", "guard", *FILE)),
    Command("lifecycle preview", ("lifecycle", "preview", "--all", *FILE)),
    Command("lifecycle running", ("lifecycle", "running", "--region", HOME)),
    Command("login", ("login", "--print", *FILE)),
    Command("login --public", ("login", "--public", "--print", *FILE)),
    Command("plan --live", ("plan", "{old}", "--live", *FILE), restore=changed),
    Command("plan --prove", ("plan", "{old}", "--prove", *FILE)),
    Command("replacements", ("replacements", *OF_THE_APP)),
    Command("repositories", ("repositories", *FILE)),
    Command("repositories --sizes", ("repositories", "--sizes", *FILE)),
    Command("retire --check", ("retire", "--check", *OF_THE_APP), restore=_put_late),
    Command("signing", ("signing", "web/api", "--all", *FILE)),
    Command("usage", ("usage", *FILE)),
    Command("usage --no-manifests", ("usage", "--no-manifests", *FILE)),
)
WRITING = (
    Command("after-deploy", ("after-deploy", *OF_THE_APP), restore=_no_mounting, state=_mounting),
    Command("align", ("align", REPLICA, "--registry", "{late}", "--yes"), restore=_late_differs, state=_late),
    Command("archive", ("archive", "web/api:v2", "--yes", *FILE), restore=_class("STANDARD"), state=_tags, lost=lost),
    Command("backfill", ("backfill", "--yes", *FILE), restore=_replicated, state=_arrived),
    Command("bootstrap", ("bootstrap", "--yes", *FILE), restore=_allowed_nothing, state=_allowed),
    Command("clear-failed", ("clear-failed", "--yes", "--registry", "{late}"), restore=_failed, state=_late),
    Command("delete", ("delete", "web/api", "--tag", "pr-*", "--yes", *FILE), _only("pr-1", "pr-2"), _tags, lost=lost),
    Command("drift --fix", ("drift", "--fix", "--yes", *FILE), restore=changed, state=_settings),
    Command("import", ("import", "late/one", "--yes", *OF_LATE), restore=_late_outside, state=_late),
    Command("prices --renew", ("prices", "--renew", *FILE, "--output", "{folder}/prices.yaml"), _no_prices, _prices),
    Command("promote", ("promote", "web/api:v2", "prod", "--yes", *FILE), _only(), _tags, ("prod",), lost),
    Command(
        "promote --gate",
        ("promote", "web/api:v2", "prod", "--gate", "HIGH", "--yes", *FILE),
        restore=_only(),
        state=_tags,
        told=("prod",),
        lost=lost,
    ),
    Command(
        "promote --to",
        ("promote", "web/api:build-7", "prod", "--to", "prod/api", "--yes", *FILE),
        restore=_without_copy,
        state=_tags,
        lost=lost,
    ),
    Command(
        "release",
        ("release", "web/api", "build-7", "--version", "1.2.3", *FILE),
        restore=_only(),
        state=_tags,
        told=("v1.2.3",),
        lost=lost,
    ),
    Command("restore", ("restore", "web/api:v2", *FILE), restore=_class("ARCHIVE"), state=_tags, lost=lost),
    Command("retire", ("retire", "--yes", *OF_THE_APP), restore=_put_late, state=_late),
    Command("scan", ("scan", "web/api:v1", *FILE), state=lambda world: None),
    Command("settings", ("settings", "--yes", *FILE), restore=_no_mounting, state=_mounting),
    *(
        Command(
            f"{verb} --with-children",
            (verb, "web/api:multi", "--with-children", "--yes", *FILE),
            _with_list,
            _tags,
            lost=lost,
        )
        for verb in ("archive", "delete")
    ),
)
