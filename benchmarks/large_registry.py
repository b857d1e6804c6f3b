"""A registry of a company with very many repositories: the input of `python -m benchmarks.large`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

ACCOUNT: Final = "123456789012"
HOME: Final = "ap-northeast-2"
REPLICAS: Final = ("us-west-2", "eu-west-1")
NODES: Final = "210987654321"
ORGANIZATION: Final = "o-large12345"
#: Of each thousand repositories: one namespace that has outgrown a stack, some of a usual size, and small ones, which
#: share stacks. A namespace of each size, and how many of it.
SIZES: Final = ((400, 1), (100, 4), (10, 20))
A_SHARD: Final = 200  # repositories a stack, where a namespace has several
SHARING: Final = 10  # small namespaces in a stack, and pushed to by one project

Files = dict[str, dict[str, Any]]


def write(folder: Path, files: Files) -> Path:
    """Write the files of a registry below a folder; the root file."""
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.dump(data, Dumper=_Plain, sort_keys=False, default_flow_style=None, width=110))
    return folder / "registry.yaml"


class _Plain(yaml.CSafeDumper):
    """Says a thing twice rather than by an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def company(count: int) -> Files:
    """A registry of `count` repositories, a multiple of 1,000, by file.

    Home and two replicas that hold all of them; every namespace is a team with a file of its own; large namespaces
    are pushed to by a role of their own, small ones share one; each is pulled from by nodes of another account and by
    the organization, and read by a service account in Kubernetes.
    """
    files: Files = {"registry.yaml": _root()}
    root = files["registry.yaml"]
    for name, size, pusher in _namespaces(count):
        root["principals"].setdefault(pusher, _project(len(root["principals"]), pusher))
        more: dict[str, Any] = {"shards": -(-size // A_SHARD)} if size > 2 * A_SHARD - 1 else {}
        if name.startswith("tool"):
            more = {"stack": pusher}
        root["namespaces"][name] = {**more, "push": [pusher], "pull": ["nodes", "company"], "read": ["flux"]}
        files[f"teams/{name}.yaml"] = _team(name, size)
    return files


def small_namespaces(count: int, sharing: int) -> Files:
    """A registry of `count` namespaces with five repositories each, in all three locations.

    :param sharing: how many namespaces share a stack; 1 is a stack for each.
    """
    root = _root()
    root["principals"]["ci"] = _project(1, "ci")
    repositories: dict[str, Any] = {}
    for number in range(count):
        name = f"team{number:04}"
        more = {"stack": f"small-{number // sharing}"} if sharing > 1 else {}
        root["namespaces"][name] = {**more, "owner": name, "push": ["ci"], "pull": ["nodes"]}
        repositories |= {f"{name}/app-{each}": {"tags": {"service": f"app-{each}"}} for each in range(5)}
    del root["principals"]["flux"], root["principals"]["company"], root["include"]
    return {"registry.yaml": {**root, "repositories": repositories}}


def projects(count: int, of_their_own: bool, in_a_stack: int = 200) -> Files:
    """A registry of `count` projects with two repositories each, in the home alone.

    :param of_their_own: whether each pushes in a role of its own; otherwise all push in one.
    :param in_a_stack: roles in an Access stack; the first so many name none.
    """
    root = {**_root(), "replicas": {}, "include": [], "creation_templates": {}, "principals": {}, "namespaces": {}}
    repositories: dict[str, Any] = {}
    for number in range(count):
        name = f"p{number:04}" if of_their_own else "ci"
        more = {"stack": f"s{number // in_a_stack}"} if of_their_own and number >= in_a_stack else {}
        root["principals"].setdefault(name, {**_project(number + 1, name), **more})
        area = f"area{number // 100:02}"
        names = [f"{area}/project-{number:04}-{each}" for each in ("api", "web")]
        if of_their_own:
            repositories |= {each: {"push": [name]} for each in names}
        else:  # 2,000 names do not fit into the policies of a role
            root["namespaces"][area] = {"push": [name]}
            repositories |= dict.fromkeys(names)
    return {"registry.yaml": {**root, "repositories": repositories}}


def of_one_namespace(size: int, shards: int) -> Files:
    """A registry with one namespace, in the home and a replica."""
    root = {**_root(), "replicas": dict.fromkeys(REPLICAS[:1]), "namespaces": {"web": {"shards": shards}}}
    root["principals"] = {"nodes": root["principals"]["nodes"]}
    root["namespaces"]["web"]["pull"] = ["nodes"]
    names = [f"web/app-{number:04}" for number in range(size)]
    return {"registry.yaml": {**root, "include": [], "repositories": dict.fromkeys(names)}}


def changed(files: Files) -> Files:
    """What a busy day brings: a lifecycle of some, settings of every tenth team, grants, new repositories and teams."""
    root = files["registry.yaml"]
    principals = {**root["principals"], "audit": {"account": NODES, "teams": ["*"]}}
    lifecycles = {**root["lifecycles"], "tools": [{"keep": {"any": True, "last": 20}}]}
    result: Files = {**files, "registry.yaml": {**root, "principals": principals, "lifecycles": lifecycles}}
    for number, (name, team) in enumerate(list(files.items())[1:]):
        if number % 10 == 0:
            of_team = team["namespace"]
            result[name] = {
                **team,
                "defaults": {**team["defaults"], "pull": ["audit"], "scan_on_push": False},
                "repositories": {
                    **team["repositories"],
                    **{f"{of_team}/new-{each}": {"tags": {"service": "new"}} for each in range(3)},
                },
            }
    return result


def _namespaces(count: int) -> Iterator[tuple[str, int, str]]:
    """The name, the size, and who pushes to each namespace."""
    for thousand in range(count // 1_000):
        for size, number in SIZES:
            for each in range(number):
                if size < 100:
                    small = f"tools-{thousand}-{each // SHARING}"
                    yield f"tool-{thousand}-{each}", size, small
                else:
                    name = f"{'platform' if size > A_SHARD else 'team'}-{thousand}-{each}"
                    yield name, size, f"ci-{name}"


def _team(name: str, size: int) -> dict[str, Any]:
    return {
        "namespace": name,
        "defaults": {"owner": name, "tags": {"cost-center": "1000"}},
        "repositories": {
            f"{name}/app-{number:04}": {"tags": {"service": f"app-{number:04}"}} for number in range(size)
        },
    }


def _root() -> dict[str, Any]:
    return {
        "registry": {"name": "large", "account": ACCOUNT, "region": HOME},
        "include": ["teams/*.yaml"],
        "replicas": dict.fromkeys(REPLICAS),
        "creation_templates": {"ROOT": {"applied_for": ["REPLICATION"]}},  # one for all namespaces
        "access": {"organization": ORGANIZATION},
        "principals": {
            "nodes": {"role": f"arn:aws:iam::{NODES}:role/nodes", "teams": ["*"]},
            "company": {"organization": ORGANIZATION},
            "flux": {
                "irsa": {
                    "issuer": f"oidc.eks.{HOME}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
                    "namespace": "flux-system",
                    "service_account": "image-reflector-controller",
                }
            },
        },
        "lifecycles": {
            "releases": [
                {"protect": {"tagged": "latest"}},
                {"keep": {"tagged": "v*", "last": 30}},
                {"expire": {"tagged": "pr-*", "after_days": 14}},
                {"expire": {"untagged": True, "after_days": 7}},
            ]
        },
        "defaults": {"lifecycle": "releases", "moving_tags": ["latest"]},
        "namespaces": {},
    }


def _project(number: int, name: str) -> dict[str, Any]:
    return {"github": f"large/{name}", "owner_id": 84790634, "repository_id": 1_000_000 + number, "branch": "main"}
