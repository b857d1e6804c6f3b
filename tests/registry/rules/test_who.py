"""Which issuers `oidc` takes: those that have no key of their own, however near their names come."""

from __future__ import annotations

import pytest

from registry.load import check_sources
from registry.reading.yaml_reader import parse
from tests.synth import SMALL

REFUSED = {
    "token.actions.githubusercontent.com": "github",
    "gitlab.com": "gitlab",
    "agent.buildkite.com": "buildkite",
    "app.terraform.io": "terraform",
    "oidc.circleci.com/org/b1a2c3d4-0000-4000-8000-000000000001": "circleci",
    "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc": "bitbucket",
    f"oidc.eks.us-west-2.amazonaws.com/id/{'0A' * 16}": "irsa",
    "accounts.google.com": "IAM has this provider built in",
}
TAKEN = ("gitlab.company.com", "token.actions.githubusercontent.com/acme", "accounts.google.com.example.com")


def said(issuer: str) -> str:
    who = f"{{oidc: {{issuer: {issuer}, audience: a, subject: b}}}}"
    text = f"principals: {{it: {who}}}\nrepositories: {{web/api: {{pull: [it]}}}}"
    outcome = check_sources(parse(f"{SMALL}{text}\n".encode(), "registry.yaml"))
    return "\n".join(it.message for it in outcome.findings)


@pytest.mark.parametrize(("issuer", "why"), REFUSED.items())
def test_an_issuer_with_a_key_of_its_own_is_refused(issuer: str, why: str) -> None:
    assert said(issuer).startswith(why)


@pytest.mark.parametrize("issuer", TAKEN)
def test_an_issuer_whose_name_only_begins_alike_is_taken(issuer: str) -> None:
    assert said(issuer) == ""
