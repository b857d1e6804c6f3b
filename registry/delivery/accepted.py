"""Which acceptances of findings hold for a repository, and how a pipeline is told of them."""

from __future__ import annotations

import json
from typing import Final

from registry.delivery.steps.findings import Acceptance
from registry.model import Registry
from registry.model.once import once
from registry.patterns import covers

#: What CodeBuild takes as the value of a variable. Its pages do not say so; its error does:
#: https://github.com/wolfeidau/buildkite-serverless-agent/issues/35
LONGEST: Final = 4096


@once
def accepted_in(registry: Registry, repository: str) -> dict[str, Acceptance]:
    """The acceptances for a repository, by vulnerability; those that are over too.

    Templates do not depend on the day on which they are made.
    """
    return {
        vulnerability: Acceptance(each.reason, each.until)
        for vulnerability, each in sorted(registry.accepted_findings.items())
        if any(covers(pattern, repository) for pattern in each.repositories)
    }


def as_variable(registry: Registry, repository: str) -> str:
    """The same as the value of a variable of a build: JSON in ASCII; empty where nothing is accepted."""
    found = accepted_in(registry, repository)
    return json.dumps({name: [it.reason, it.until] for name, it in found.items()}) if found else ""
