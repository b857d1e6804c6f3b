"""Accounts as they look after some years without infrastructure as code: drawn from a seed, in ECR's own words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, Final

from ops.adopt.account import LiveAccount, expected
from ops.drift.reading import ResourceKey
from registry.locations import Location
from registry.model import Registry

HOME, REPLICA = "ap-northeast-2", "us-west-2"
OTHERS: Final = ("210987654321", "310987654321", "410987654321", "510987654321")
ORGANIZATION: Final = "o-a1b2c3d4e5"
PULL: Final = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
WORDS: Final = (
    "web",
    "data",
    "mobile",
    "billing",
    "search",
    "ml",
    "infra",
    "edge",
    "auth",
    "jobs",
    "legacy_apps",
    "k8s",
)
SERVICES: Final = (
    "api",
    "worker",
    "frontend",
    "cron",
    "proxy",
    "db-migrations",
    "consumer",
    "admin.ui",
    "batch",
    "gateway",
)


def statement(principal: Any, actions: Any = PULL, **more: Any) -> dict[str, Any]:
    said = {"Effect": "Allow", "Principal": principal, "Action": actions, **more}
    return {"Sid": said.pop("Sid"), **said} if "Sid" in said else said


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def lifecycle(*rules: dict[str, Any], step: int = 1) -> dict[str, Any]:
    return {"rules": [{"rulePriority": step * number, **rule} for number, rule in enumerate(rules, start=1)]}


def rule(count: dict[str, Any], description: str = "", **selection: Any) -> dict[str, Any]:
    said = {"description": description} if description else {}
    return {**said, "selection": {**selection, **count}, "action": {"type": "expire"}}


def days(number: int) -> dict[str, Any]:
    return {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": number}


def images(number: int) -> dict[str, Any]:
    return {"countType": "imageCountMoreThan", "countNumber": number}


#: What people write: modules of Terraform, AWS's examples, the console.
LIFECYCLES: Final[tuple[dict[str, Any] | None, ...]] = (
    None,
    lifecycle(rule(days(14), "Expire images older than 14 days", tagStatus="untagged")),
    lifecycle(rule(images(30), "Keep last 30 images", tagStatus="any")),
    lifecycle(
        rule(images(10), "keep last 10 releases", tagStatus="tagged", tagPrefixList=["v"]),
        rule(days(1), "untagged", tagStatus="untagged"),
        step=10,
    ),
    lifecycle(
        rule(days(30), tagStatus="tagged", tagPatternList=["pr-*"]),
        rule(days(30), tagStatus="tagged", tagPatternList=["dev-*"]),
        rule(images(100), tagStatus="tagged", tagPatternList=["v*", "*-release"]),
        rule(images(500), tagStatus="any"),
    ),
    {"rules": [{"rulePriority": 5, **rule(images(3), "odd", tagStatus="tagged", tagPrefixList=["a b"])}]},
)


def policies_of(own: str) -> tuple[dict[str, Any] | None, ...]:
    """Repository policies as the console, modules and colleagues write them."""
    return (
        None,
        document(
            statement({"AWS": [f"arn:aws:iam::{it}:root" for it in OTHERS[:3]]}, Sid="AllowPull"), version="2008-10-17"
        ),
        document(
            statement({"AWS": OTHERS[0]}, Sid="one"), statement({"AWS": f"arn:aws:iam::{OTHERS[1]}:root"}, Sid="two")
        ),
        document(statement("*", Condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})),
        document(
            statement(
                {"AWS": f"arn:aws:iam::{OTHERS[2]}:root"},
                Condition={"StringEquals": {"aws:PrincipalOrgID": [ORGANIZATION]}},
            ),
            statement(
                {"AWS": f"arn:aws:iam::{OTHERS[3]}:root"},
                [*PULL, "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
                Condition={
                    "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OTHERS[3]}:role/ci/deployer"},
                    "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
                },
            ),
        ),
        document(  # what Lambda's console adds
            statement(
                {"Service": "lambda.amazonaws.com"},
                [
                    *("ecr:BatchGetImage", "ecr:DeleteRepositoryPolicy", "ecr:GetDownloadUrlForLayer"),
                    *("ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy"),
                ],
                Sid="LambdaECRImageRetrievalPolicy",
                Condition={"StringLike": {"aws:sourceArn": f"arn:aws:lambda:{HOME}:{own}:function:*"}},
            ),
            version="2008-10-17",
        ),
        document(
            statement(
                {"Service": "lambda.amazonaws.com"},
                ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                Condition={"StringLike": {"aws:SourceArn": f"arn:aws:lambda:{HOME}:{own}:function:*"}},
            ),
            statement({"AWS": f"arn:aws:iam::{OTHERS[0]}:root"}),
        ),
        document(  # as AWS's guide of CodeBuild has it
            statement(
                {"Service": "codebuild.amazonaws.com"},
                Sid="CodeBuildAccess",
                Condition={
                    "StringEquals": {
                        "aws:SourceArn": f"arn:aws:codebuild:us-east-1:{own}:project/base",
                        "aws:SourceAccount": own,
                    }
                },
            )
        ),
        document(  # a role of the account itself, which no grant makes a statement for
            statement({"AWS": f"arn:aws:iam::{own}:role/jenkins"}, "ecr:*"),
            statement({"AWS": OTHERS[0]}),
            version="2008-10-17",
        ),
        document(statement("*", PULL), version="2008-10-17"),
    )


def drawn(seed: int, size: int, own: str = "123456789012", vault: str = "678901234567") -> LiveAccount:
    """An account with `size` repositories, whose images go to another region and partly to another account."""
    draw = random.Random(seed)
    home, replica, other = Location(own, HOME), Location(own, REPLICA), Location(vault, HOME)
    policies = policies_of(own)
    teams = draw.sample(WORDS, draw.randint(3, len(WORDS)))
    styles = {team: _style(draw, policies, team) for team in teams}
    scanning = draw.choice(([], ["*"], ["web*", "data/*"]))
    settings: dict[ResourceKey, dict[str, Any]] = {}
    names = [_name(draw, teams, number) for number in range(size)]
    for name in names:
        style = styles[name.partition("/")[0]] if "/" in name else _style(draw, policies, "")
        settings[ResourceKey(home, "repository", name)] = _repository(draw, style, policies, name)
    rows = [{"destination": str(replica), "filter": prefix, "deleteReplication": False} for prefix in _filters(names)]
    let_in = f"{teams[0]}/*" if seed % 2 else "*"
    rows += [{"destination": str(other), "filter": f"{teams[0]}/", "deleteReplication": False}]
    for name in names:
        made = settings[ResourceKey(home, "repository", name)]
        settings[ResourceKey(replica, "repository", name)] = _as_at(replica, made)
        if name.startswith(f"{teams[0]}/"):
            settings[ResourceKey(other, "repository", name)] = _as_at(other, made)
    for at in (home, replica, other):
        settings |= {
            ResourceKey(at, "scanning configuration", ""): {
                "scanType": "BASIC",
                "rules": [{"scanFrequency": "SCAN_ON_PUSH", "filter": each} for each in sorted(scanning)],
            },
            ResourceKey(at, "replication configuration", ""): {
                "rules": sorted(rows, key=lambda row: [str(it) for it in row.values()]) if at == home else []
            },
            ResourceKey(at, "registry policy", ""): {"policyText": _let_in(own, at, let_in) if at == other else None},
            ResourceKey(at, "signing configuration", ""): {"rules": []},
        }
    return LiveAccount(
        name="acme",
        home=home,
        locations=(home, replica, other),
        unread=(),
        profiles={own: None, vault: "vault"},
        settings=settings,
        own_keys=frozenset(),
        cached=frozenset(),
    )


def _let_in(own: str, at: Location, names: str) -> dict[str, Any]:
    """What AWS's guide has a destination write, so that the source may replicate into it."""
    actions = ["ecr:CreateRepository", "ecr:ReplicateImage"]
    resource = f"arn:aws:ecr:{at.region}:{at.account}:repository/{names}"
    return document(
        statement({"AWS": f"arn:aws:iam::{own}:root"}, actions, Sid="ReplicationAccess", Resource=[resource])
    )


def _as_at(at: Location, made: dict[str, Any]) -> dict[str, Any]:
    """A replica as somebody careful keeps it: nobody pushes there, and functions are those of its region."""
    policy = made["repositoryPolicy"]
    if policy is None or "ecr:DeleteRepositoryPolicy" in str(policy) or "ecr:*" in str(policy):
        return made
    statements = [it for it in policy["Statement"] if "ecr:PutImage" not in it["Action"]]
    text = json.dumps({**policy, "Statement": statements}).replace(f":{HOME}:", f":{at.region}:")
    return {**made, "repositoryPolicy": json.loads(text)}


def _filters(names: list[str]) -> list[str]:
    return sorted({f"{name.partition('/')[0]}/" if "/" in name else name for name in names})


def _name(draw: random.Random, teams: list[str], number: int) -> str:
    kind = draw.choice(SERVICES)
    if draw.random() < 0.03:
        return f"{kind}-{number}"
    deep = f"{draw.choice(('eu', 'us'))}/" if draw.random() < 0.1 else ""
    return f"{draw.choice(teams)}/{deep}{kind}-{number}"


def _style(draw: random.Random, policies: tuple[Any, ...], team: str) -> dict[str, Any]:
    """What most repositories of a team have in common."""
    return {
        "imageTagMutability": draw.choice(("MUTABLE", "MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")),
        "lifecyclePolicy": draw.choice(LIFECYCLES),
        "repositoryPolicy": draw.choice(policies),
        "scanOnPush": draw.random() < 0.7,
        "tags": {"team": team, "env": draw.choice(("prod", "shared"))} if team and draw.random() < 0.8 else {},
    }


def _repository(draw: random.Random, style: dict[str, Any], policies: tuple[Any, ...], name: str) -> dict[str, Any]:
    """One that follows its team's style, mostly."""
    mutability = style["imageTagMutability"] if draw.random() < 0.9 else "MUTABLE"
    tags = dict(style["tags"])
    if draw.random() < 0.3:
        tags["service"] = name.rpartition("/")[2]
    if draw.random() < 0.1:
        tags["owner"] = draw.choice(("platform", "someone@example.com"))
    return {
        "imageTagMutability": mutability,
        "imageTagMutabilityExclusionFilters": ["dev*", "latest"] if mutability.endswith("_WITH_EXCLUSION") else [],
        "encryptionType": "AES256",
        "kmsKey": None,
        "scanOnPush": style["scanOnPush"] if draw.random() < 0.9 else not style["scanOnPush"],
        "lifecyclePolicy": style["lifecyclePolicy"] if draw.random() < 0.9 else draw.choice(LIFECYCLES),
        "repositoryPolicy": style["repositoryPolicy"] if draw.random() < 0.9 else draw.choice(policies),
        "tags": tags,
    }


def put(account: LiveAccount, client_of: Callable[[Location], Any]) -> None:
    """Make an account so, by the API, as people do."""
    for thing, settings in account.settings.items():
        client = client_of(thing.at)
        if thing.noun == "repository":
            _put_repository(client, thing.name, settings)
        elif thing.noun == "scanning configuration" and settings["rules"]:
            filters = [{"filter": row["filter"], "filterType": "WILDCARD"} for row in settings["rules"]]
            rules = [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": filters}]
            client.put_registry_scanning_configuration(scanType=settings["scanType"], rules=rules)
        elif thing.noun == "registry policy" and settings["policyText"]:
            client.put_registry_policy(policyText=json.dumps(settings["policyText"]))
        elif thing.noun == "replication configuration" and settings["rules"]:
            client.put_replication_configuration(replicationConfiguration={"rules": _rules(settings["rules"])})


def _put_repository(client: Any, name: str, settings: dict[str, Any]) -> None:
    filters = [{"filterType": "WILDCARD", "filter": it} for it in settings["imageTagMutabilityExclusionFilters"]]
    client.create_repository(
        repositoryName=name,
        imageTagMutability=settings["imageTagMutability"],
        **({"imageTagMutabilityExclusionFilters": filters} if filters else {}),
        imageScanningConfiguration={"scanOnPush": settings["scanOnPush"]},
        tags=[{"Key": key, "Value": value} for key, value in settings["tags"].items()],
    )
    if settings["lifecyclePolicy"]:
        client.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps(settings["lifecyclePolicy"]))
    if settings["repositoryPolicy"]:
        client.set_repository_policy(repositoryName=name, policyText=json.dumps(settings["repositoryPolicy"]))


def _rules(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most ten rules: one for each destination, with all its filters."""
    destinations = dict.fromkeys(row["destination"] for row in rows)
    return [
        {
            "destinations": [{"registryId": it.partition("/")[0], "region": it.partition("/")[2]}],
            "repositoryFilters": [
                {"filter": row["filter"], "filterType": "PREFIX_MATCH"} for row in rows if row["destination"] == it
            ],
        }
        for it in destinations
    ]


def as_deployed(registry: Registry) -> LiveAccount:
    """The account of a registry after its deploy."""
    return LiveAccount(
        name=registry.name,
        home=registry.home,
        locations=registry.locations,
        unread=(),
        profiles=dict.fromkeys(registry.accounts),
        settings=expected(registry, registry.locations),
        own_keys=frozenset(),
        cached=frozenset(),
    )
