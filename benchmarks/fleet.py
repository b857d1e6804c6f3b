"""`python -m benchmarks.fleet DIR`: a fleet, which is a file for each account, as docs/scale.md has it.

`--accounts`, `--regions` and `--repositories` say how large it is; the repositories are shared out among the accounts,
and each is in every region. Without them it is examples/fleet. `python -m benchmarks.fleet_run` takes the largest.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry.limits import REPOSITORIES_A_SHARD

#: The home first. All of them are in every account without being switched on:
#: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
REGIONS: Final = (
    *("eu-central-1", "us-east-1", "ap-northeast-1", "eu-west-1", "us-west-2", "ap-southeast-1", "sa-east-1"),
    *("us-east-2", "us-west-1", "ca-central-1", "eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1"),
    *("ap-northeast-2", "ap-southeast-2", "ap-northeast-3"),
)
TEAMS: Final = ("checkout", "data", "mobile", "search", "web")
FIRST_ACCOUNT: Final = 100_000_000_001
NAME: Final = "fleet"
ORGANIZATION: Final = "o-a1b2c3d4e5"
FILE: Final = "registry.yaml"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a fleet is: repositories are counted once, however many regions they are in."""

    accounts: int
    regions: int
    repositories: int

    def in_account(self, number: int) -> int:
        """The repositories of an account, from 0: the first ones have one more where they do not come out even."""
        each, more = divmod(self.repositories, self.accounts)
        return each + (number < more)

    @property
    def stacks_in_region(self) -> int:
        """Of the largest account: the stacks of its teams, and Registry."""
        counts = Counter(team for _, team in names_of(self.in_account(0)))
        return 1 + sum(map(shards_of, counts.values()))

    @property
    def stacks_in_account(self) -> int:
        """Of the largest account: those of its regions, and Access once."""
        return self.regions * self.stacks_in_region + 1


EXAMPLE: Final = Size(accounts=2, regions=3, repositories=8)
WHOLE: Final = Size(accounts=200, regions=15, repositories=100_000)


def account_id(number: int) -> str:
    """The id of an account of a fleet, from 0."""
    return str(FIRST_ACCOUNT + number)


def file_of(size: Size, number: int, *, schema: str = "") -> str:
    """registry.yaml of an account, from 0.

    :param schema: where registry.schema.json is, seen from the file, for editors.
    """
    account, names = account_id(number), dict(names_of(size.in_account(number)))
    teams = Counter(names.values())
    lines = [
        *([f"# yaml-language-server: $schema={schema}"] if schema else ()),
        f"# One of {size.accounts} accounts: `python -m benchmarks.fleet` wrote it, and another file like it for each.",
        f'registry: {{name: {NAME}, account: "{account}", region: {REGIONS[0]}}}',
        *(["replicas:", *(f"  {region}:" for region in REGIONS[1 : size.regions])] if size.regions > 1 else ()),
        "access:",
        f"  organization: {ORGANIZATION}",
        f'  oidc_providers: ["arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"]',
        f"  permissions_boundary: arn:aws:iam::{account}:policy/teams-boundary",
        "principals:",
        f'  nodes: {{role: "arn:aws:iam::{account}:role/eks-node", without_boundary: true}}',
        *(
            f"  {team}-main: {{github: company/{team}, owner_id: 84790634, repository_id: {1304267049 + place}, "
            "branch: main}"
            for place, team in enumerate(teams)
        ),
        "lifecycles:",
        "  releases:",
        '    - protect: {tagged: {any_of: [latest, "v*.x"]}}',
        '    - keep: {tagged: "v*", last: 30}',
        "    - expire: {untagged: true, after_days: 7}",
        'defaults: {lifecycle: releases, moving_tags: [latest, "v*.x"], pull: [nodes]}',
        "namespaces:",
        *(f"  {team}: {{owner: team-{team}, push: [{team}-main]{_shards(number)}}}" for team, number in teams.items()),
        "repositories:",
        *(f"  {name}:" for name in names),
    ]
    return "\n".join(lines) + "\n"


def names_of(count: int) -> Iterator[tuple[str, str]]:
    """So many repositories with their teams, those of a team together."""
    for place, team in enumerate(TEAMS):
        for number in range(len(range(place, count, len(TEAMS)))):
            yield f"{team}/service-{number + 1:04}", team


def shards_of(repositories: int) -> int:
    """The stacks of a team in a region, each half full."""
    return -(-repositories // REPOSITORIES_A_SHARD)


def _shards(repositories: int) -> str:
    shards = shards_of(repositories)
    return f", shards: {shards}" if shards > 1 else ""


def files_of(size: Size, *, schema: str = "") -> Iterator[tuple[str, str]]:
    """Every file of a fleet with its path."""
    for number in range(size.accounts):
        yield f"accounts/{account_id(number)}/{FILE}", file_of(size, number, schema=schema)


def main() -> int:
    """Write the fleet that the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description="A registry file for each account.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where accounts/ID/registry.yaml are written")
    parser.add_argument("--accounts", type=int, default=EXAMPLE.accounts, metavar="N")
    parser.add_argument("--regions", type=int, default=EXAMPLE.regions, metavar="N", help=f"1 to {len(REGIONS)}")
    parser.add_argument("--repositories", type=int, default=EXAMPLE.repositories, metavar="N", help="of all accounts")
    parser.add_argument("--schema", default="", metavar="PATH", help="registry.schema.json, seen from a file")
    asked = parser.parse_args()
    size = Size(asked.accounts, asked.regions, asked.repositories)
    if not (1 <= size.accounts <= size.repositories and 1 <= size.regions <= len(REGIONS)):
        parser.error(f"a repository an account, and 1 to {len(REGIONS)} regions: {size} is no fleet")
    for path, text in files_of(size, schema=asked.schema):
        file = asked.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    print(f"wrote {size.accounts:,} files with {size.repositories:,} repositories into {asked.folder / 'accounts'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
