"""A registry, what was deployed of it and what there is: what `ecrctl drift --fix` plans about that."""

from __future__ import annotations

from collections.abc import Mapping

from ops.drift.compare import against_file
from ops.drift.deployed import Deployed
from ops.drift.fix import Known, Step, plan
from ops.drift.kind import StackKind
from ops.drift.kinds import KINDS
from ops.drift.reading import Keys, Live, ResourceKey, declared
from ops.drift.repository_settings import Settings
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA
from tests.synth import SMALL
from tests.synth import declared as registry_of

AT, WEST = Location(ACCOUNT, HOME), Location(ACCOUNT, REPLICA)
BY_NOUN = {kind.noun: kind for kind in KINDS}
OF_STACKS = {kind.noun for kind in KINDS if isinstance(kind, StackKind)}
API = ResourceKey(AT, "repository", "web/api")
ARN = f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/web/api"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
FILE = f"""\
replicas: {{{REPLICA}: {{delete_replication: true}}}}
scanning: {{scan_on_push: ["web/*"]}}
creation_templates: {{hub: {{applied_for: [PULL_THROUGH_CACHE], description: cached, lifecycle: untagged-14-days}}}}
pull_through_cache_rules: {{hub: {{upstream_registry: quay}}}}
signing: [{{signing_profile_arn: "arn:aws:signer:{HOME}:{ACCOUNT}:/signing-profiles/releases"}}]
account_settings: {{blob_mounting: DISABLED}}
"""


class KnownKeys(Keys):
    def arn(self, at: Location, key: str | None) -> str | None:
        return KEY


def registry(repository: str = "", rest: str = FILE) -> Registry:
    return registry_of(f"{SMALL}{rest}repositories: {{web/api: {{{repository}}}}}")


def steps(
    of: Registry,
    live: Mapping[ResourceKey, Settings],
    *,
    last: Mapping[ResourceKey, Settings] | None = None,
    others: tuple[ResourceKey, ...] = (),
    at: Location = AT,
) -> list[Step]:
    """The plan where the last deploy said what the file says, or `last`."""
    wanted = declared(of, [at], KINDS)
    found = Live(there=frozenset((*live, *others)), settings=live)
    said = {thing: settings for thing, settings in wanted.items() if thing.noun in OF_STACKS}
    known = Known(
        registry=of,
        kinds=BY_NOUN,
        wanted=wanted,
        live=found,
        last=Deployed(settings=said if last is None else last, registries=frozenset({at})),
        keys=KnownKeys(),
    )
    return plan(known, list(against_file(of, BY_NOUN, wanted, found, known.keys)))


def as_declared(of: Registry, at: Location = AT) -> dict[ResourceKey, Settings]:
    return declared(of, [at], KINDS)


def agreed(step: Step) -> bool:
    return True
