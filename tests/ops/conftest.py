"""What holds for every test of ecrctl: a command calls nothing that `ecrctl permissions` does not print for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.client
import pytest

from ops.aws.permissions import COMMANDS

#: Which commands the tests of a file are about, by its path below tests/ops.
ABOUT = {
    "adopt/test_account.py": ["adopt"],
    "adopt/test_align.py": ["align"],
    "adopt/test_import_everything.py": ["import"],
    "adopt/test_named_imports.py": ["import"],
    "adopt/test_registry_wide_imports.py": ["import"],
    "cost/test_live.py": ["cost --live"],
    "cost/test_prices.py": ["prices --renew"],
    "deploy/test_account_settings.py": ["settings"],
    "deploy/test_bootstrap.py": ["bootstrap"],
    "deploy/test_bootstrap_check.py": ["bootstrap --check"],
    "deploy/test_failed_stacks.py": ["clear-failed"],
    "deploy/test_replacements.py": ["replacements"],
    "deploy/test_retired_stacks.py": ["retire"],
    "drift/test_drift.py": ["drift", "drift --before-deploy"],
    "drift/test_fix.py": ["drift --fix"],
    "drift/test_iam.py": ["drift", "drift --before-deploy"],
    "drift/test_iam_fix.py": ["drift --fix"],
    "drift/test_kinds.py": ["drift"],
    "drift/test_findings_and_pulls.py": ["drift --fix"],
    "drift/test_signing_profiles.py": ["drift --fix"],
    "drift/test_public.py": ["drift --fix"],
    "drift/test_watched.py": ["drift --fix"],
    "images/test_archive.py": ["archive", "restore"],
    "images/test_delete.py": ["delete"],
    "images/test_findings.py": ["findings", "scan"],
    "images/test_image.py": ["image"],
    "images/test_images.py": ["images", "images --manifests"],
    "images/test_login.py": ["login", "login --public"],
    "images/test_copying.py": ["promote --to"],
    "images/test_promote.py": ["promote --gate", "promote --to", "release"],
    "images/test_promotion.py": ["promote"],
    "images/test_release.py": ["release"],
    "images/test_registry.py": ["images --manifests", "login"],
    "images/test_signing.py": ["signing"],
    "images/test_repositories.py": ["repositories", "repositories --sizes"],
    "lifecycle/test_guard.py": ["lifecycle guard"],
    "lifecycle/test_preview.py": ["lifecycle preview"],
    "plan/test_live.py": ["plan --live"],
    "plan/test_prove.py": ["plan --prove"],
    "plan/test_prove_all.py": ["access --prove"],
    "test_backfill.py": ["backfill"],
    "test_cache.py": ["cache validate"],
    "usage/test_usage.py": ["usage", "usage --no-manifests"],
}
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: "No permissions are required".
FREE = {"sts:GetCallerIdentity"}


#: Services whose actions do not begin with the name that calls are signed for.
SIGNED_AS = {"monitoring": "cloudwatch"}
#: What AWS allows with another action: "The IAM principal invoking this operation must have the ecr:BatchGetImage
#: permission", https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
UNDER = {"ecr:ListImageReferrers": "ecr:BatchGetImage"}


def may(command: str) -> set[str]:
    """The actions of a command."""
    return {action for actions in COMMANDS[command].values() for action in actions}


@pytest.fixture(autouse=True)
def _calls_only_what_it_may(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    about = ABOUT.get(request.path.relative_to(Path(__file__).parent).as_posix())
    called: set[str] = set()
    make = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def recorded(self: Any, operation: str, parameters: Any) -> Any:
        service = self.meta.service_model.signing_name
        action = f"{SIGNED_AS.get(service, service)}:{operation}"
        called.add(UNDER.get(action, action))
        return make(self, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", recorded)
    yield
    if about:
        allowed = set[str]().union(*map(may, about)) | FREE
        assert called <= allowed, f"not in `ecrctl permissions {about[0]}`: {sorted(called - allowed)}"
