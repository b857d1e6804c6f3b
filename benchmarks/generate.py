"""The input of a race: a registry.yaml for our side, and the same content as plan.json for its peers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from registry import naming
from registry.access.purposes import AUDIT

NAMESPACE_SIZE: Final = 100  # repositories, and one Repositories stack each
ROLE_SIZE: Final = 10  # repositories one role pushes to
MOST_ROLES: Final = 200  # in the one stack they share; beyond, a role pushes to more repositories
MOST_NAMED: Final = 5_000  # repositories named in that stack, whose template has room for 1 MB; beyond, namespaces are
REGISTRY: Final = {"name": "bench", "account": "123456789012", "region": "ap-northeast-2"}
PULLING_ACCOUNT: Final = "210987654321"
ORGANIZATION: Final = "o-bench12345"
REPLICAS: Final = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
PROJECT: Final = "bench/project-"  # on GitHub; a role for its branch main


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a race: the root file, and the plan of the other sides."""

    registry: Path
    plan: Path

    @property
    def context(self) -> dict[str, str]:
        """How an app is told of them."""
        return {"registry": str(self.registry), "plan": str(self.plan)}


def write(folder: Path, count: int, *, probe: bool = False, replicas: bool = False, changed: bool = False) -> Inputs:
    """Write the files that declare `count` repositories into a folder.

    `probe`: whether each side is given something that its checks must refuse. `replicas`: whether four replicas hold
    four of five of the repositories, for our side only.
    """
    plan = planned(count, probe, REPLICAS if replicas else ())
    name = f"{'replicated-' * replicas}{'changed-' * changed}{count}"
    inputs = Inputs(folder / f"registry-{name}" / "registry.yaml", folder / f"plan-{name}.json")
    inputs.plan.write_text(json.dumps(plan), encoding="utf-8")
    files = declared(plan)
    if changed:
        _change(files)
    for name, data in files.items():
        file = inputs.registry.parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=110), encoding="utf-8")
    return inputs


def planned(count: int, probe: bool, replicas: tuple[str, ...] = ()) -> dict[str, Any]:
    """What every side declares; what is the same for every repository is written in each side's code."""
    count //= 1 + len(replicas)
    in_namespace = NAMESPACE_SIZE // (1 + len(replicas))  # as many namespaces with replicas as without
    namespaces: dict[str, dict[str, Any]] = {}
    for start in range(0, count, in_namespace):
        word = f"team{start // in_namespace:03}"
        namespaces[word] = {
            "tags": {"cost-center": str(1000 + start // in_namespace), "owner": word},
            "repositories": [
                {"name": f"{word}/app-{number:05}", "tags": {"service": f"app-{number:05}"}}
                for number in range(start, min(start + in_namespace, count))
            ],
        }
    names = [repository["name"] for each in namespaces.values() for repository in each["repositories"]]
    size = max(ROLE_SIZE, -(-count // MOST_ROLES)) if count <= MOST_NAMED else NAMESPACE_SIZE
    return {
        "registry": REGISTRY,
        "replicas": replicas,
        "iam_path": naming.iam_path("/", REGISTRY["name"]),
        "namespaces": namespaces,
        "roles": [
            {
                "principal": f"push-{start // size:03}",
                "project": f"{PROJECT}{start // size:03}",
                "repositories": names[start : start + size]
                if count <= MOST_NAMED
                else [f"{names[start].partition('/')[0]}/*"],
            }
            for start in range(0, count, size)
        ],
        "probe": probe,
        "organization": ORGANIZATION,
        "pulling_account": PULLING_ACCOUNT,
        "pulling_roles": {
            name: f"arn:aws:iam::{PULLING_ACCOUNT}:role/nodes-{index // ROLE_SIZE:04}"
            for index, name in enumerate(names)
        },
        "audit": {
            "on_repositories": AUDIT.on_repositories,
            "on_registry": AUDIT.on_registry,
            "on_access": AUDIT.on_access,
        },
    }


def declared(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The plan as a root file and team files, by their paths."""
    pushing = {name: role["principal"] for role in plan["roles"] for name in role["repositories"]}
    pulling = {name: arn.rpartition("/")[2] for name, arn in plan["pulling_roles"].items()}
    why = "a role for each project is what the race is about"
    files: dict[str, dict[str, Any]] = {
        "registry.yaml": {
            "registry": plan["registry"],
            "include": ["teams/*.yaml"],
            "replicas": dict.fromkeys(plan["replicas"]),
            "access": {"organization": plan["organization"]},
            "principals": {
                **{
                    role["principal"]: {"github": role["project"], "branch": "main", "teams": ["*"]}
                    for role in plan["roles"]
                },
                **{
                    arn.rpartition("/")[2]: {"role": arn, "teams": ["*"]}
                    for arn in dict.fromkeys(plan["pulling_roles"].values())
                },
            },
            "acceptances": [
                {"rule": rule, "reason": why} for rule in ("principal-recycled-name", "grant-environment-tags")
            ],
            "lifecycles": {
                "releases": [
                    {"protect": {"tagged": "prod*"}},
                    {"keep": {"tagged": "v*", "last": 5}},
                    {"expire": {"untagged": True, "after_days": 1}},
                ]
            },
            "defaults": {
                "encryption_type": "KMS",  # level 2 leaves AES256, the default, out of its templates
                "lifecycle": "releases",
                "moving_tags": ["latest", "dev", "staging", "prod", "v*.x"],
            },
        }
    }
    for word, each in plan["namespaces"].items():
        files[f"teams/{word}.yaml"] = {
            "namespace": word,
            "defaults": {
                "owner": each["tags"]["owner"],
                "tags": {key: value for key, value in each["tags"].items() if key != "owner"},
                **_pushed(pushing, f"{word}/*"),
            },
            "repositories": {
                name: {"tags": repository["tags"], **_pushed(pushing, name), "pull": [pulling[name]]}
                for repository in each["repositories"]
                for name in [repository["name"]]
            },
        }
    return files


def _change(files: dict[str, dict[str, Any]]) -> None:
    """A default that reaches every repository, and in each team's file a grant and a repository less."""
    files["registry.yaml"]["lifecycles"]["releases"][1]["keep"]["last"] = 4
    pusher = next(iter(files["registry.yaml"]["principals"]))
    for team in list(files.values())[1:]:
        team["defaults"]["push"] = [pusher]
        team["repositories"].popitem()


def _pushed(pushing: dict[str, str], scope: str) -> dict[str, list[str]]:
    """The grant of who pushes to a scope, where somebody does."""
    return {"push": [pushing[scope]]} if scope in pushing else {}
