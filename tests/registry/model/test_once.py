"""A document that follows from a registry is computed once for all who need it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest

from registry.access import endpoint_policies, policies
from registry.load import load
from registry.model import Registry
from registry.model.once import once
from stacks import build
from tests.synth import ROOT, SMALL, declared

COMPANY = ROOT / "examples" / "company" / "registry.yaml"


def test_it_is_computed_once_for_each_registry_and_arguments() -> None:
    asked: list[tuple[str, str]] = []

    @once
    def document(registry: Registry, account: str) -> list[str]:
        asked.append((registry.name, account))
        return [registry.name, account]

    first = declared(SMALL + "repositories: {web/api: }\n")
    second = replace(first, name="other")
    assert document(first, "1") is document(first, "1")
    assert document(first, "2") == [first.name, "2"]
    assert document(second, "1") == ["other", "1"]
    assert asked == [(first.name, "1"), (first.name, "2"), ("other", "1")]


def test_one_synth_computes_each_policy_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def call(*args: Any) -> Any:
            calls[name] += 1
            return real(*args)

        monkeypatch.setattr(module, name, call)

    counted(policies, "identity_statements")
    counted(endpoint_policies, "_reach")
    registry, _ = load(COMPANY)
    build.build(cdk.App(), registry, ())
    roles = sum(len(policies.role_policies(registry, account)) for account in registry.accounts)
    assert roles > 5
    assert len(registry.networks) > 1
    assert calls == {"identity_statements": roles, "_reach": len(registry.networks)}
