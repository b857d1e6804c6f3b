"""A policy that lets in everybody: the synth refuses it, or carries why it was accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synth import SMALL, declared, synthesized

ORG = 'Condition: {StringEquals: {"aws:PrincipalOrgID": o-a1b2c3d4e5}}'
OPEN = '{Effect: Allow, Principal: "*", Action: ecr:BatchGetImage}'
CLOSED = f'{{Effect: Allow, Principal: "*", Action: ecr:BatchGetImage, {ORG}}}'
TRANSPORT = OPEN.replace("}", ', Condition: {Bool: {"aws:SecureTransport": "true"}}}')
ACCEPTED = "acceptances: [{rule: repository-policy-open, reason: These images are public.}]\n"


def synth(statements: str, folder: Path, more: str = "") -> str:
    policy = f'{{Version: "2012-10-17", Statement: [{statements}]}}'
    _, templates = synthesized(
        declared(f"{SMALL}{more}repositories: {{web/api: {{repository_policy: {policy}}}}}\n"), folder
    )
    return str(templates)


@pytest.mark.parametrize("statements", [OPEN, TRANSPORT, f"{OPEN}, {CLOSED}", f"{CLOSED}, {OPEN}"])
def test_whoever_is_let_in_by_a_policy_must_be_accepted(statements: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="AwsSolutions-ECR1"):
        synth(statements, tmp_path / "refused")
    assert "BatchGetImage" in synth(statements, tmp_path / "accepted", ACCEPTED)


@pytest.mark.parametrize("statements", [CLOSED, f"{CLOSED}, {CLOSED.replace('Batch', 'batch')}"])
def test_one_that_says_who_needs_no_acceptance(statements: str, tmp_path: Path) -> None:
    assert "BatchGetImage" in synth(statements, tmp_path)


def synth_registry(statements: str, folder: Path, more: str = "") -> str:
    policy = f'{{Version: "2012-10-17", Statement: [{statements}]}}'.replace("Action:", 'Resource: "*", Action:')
    _, templates = synthesized(
        declared(f"{SMALL}{more}registry_policy: {policy}\nrepositories: {{web/api: }}\n"), folder
    )
    return str(templates)


@pytest.mark.parametrize("statements", [OPEN, f"{CLOSED}, {TRANSPORT}"])
def test_whoever_is_let_in_by_the_policy_of_the_registry_must_be_accepted_for_itself(
    statements: str, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="AwsSolutions-ECR1"):
        synth_registry(statements, tmp_path / "refused", ACCEPTED)  # of a repository's policy
    accepted = ACCEPTED.replace("repository", "registry")
    assert "BatchGetImage" in synth_registry(statements, tmp_path / "accepted", accepted)


@pytest.mark.parametrize(
    "statements", [CLOSED, '{Effect: Deny, NotPrincipal: {AWS: "123456789012"}, Action: "ecr:Put*"}']
)
def test_a_policy_of_the_registry_that_says_who_needs_no_acceptance(statements: str, tmp_path: Path) -> None:
    assert "AWS::ECR::RegistryPolicy" in synth_registry(statements, tmp_path)
