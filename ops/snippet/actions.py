"""The actions of GitHub that snippets use: each by its commit, with the version that the commit is.

Whoever owns an action can move a tag of it to other code; a commit stays what it is.
https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
A test compares those that this project's own workflows use, too.
"""

from __future__ import annotations

import re
from typing import Final

ACTIONS: Final = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "aws-actions/amazon-ecr-login": ("03f1aad4c6c7ffd436567f42f9384779290529bd", "v2.1.7"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
    "docker/build-push-action": ("53b7df96c91f9c12dcc8a07bcb9ccacbed38856a", "v7.3.0"),
    "docker/setup-buildx-action": ("37fe631027851001ddb9b187196cc803df7f5f0e", "v4.3.0"),
}
_TOKEN: Final = re.compile(r"^( *id-token: write)$", re.MULTILINE)
_USES: Final = re.compile(r"^( *-? *uses: ([\w./-]+)@([0-9a-f]{40}))$", re.MULTILINE)


def pinned(action: str) -> str:
    """An action by its commit, as `uses:` has it."""
    return f"{action}@{ACTIONS[action][0]}"


def with_versions(workflow: str) -> str:
    """The text of a workflow with the version behind each commit, where Dependabot and Renovate look for it.

    And with the reason of the only permission that is more than reading.
    """
    text = _USES.sub(lambda found: f"{found[1]} # {ACTIONS[found[2]][1]}", workflow)
    return _TOKEN.sub(r"\1 # the token that AWS checks", text)
