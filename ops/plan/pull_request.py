"""A plan on its pull request at GitHub: one comment that is kept up to date, labels, and who let it destroy something.

GitHub's own command line `gh` asks and writes, with the credentials that it has: https://cli.github.com/manual/gh_api
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from registry.errors import ExitCode, RegistryError

#: Whoever may put labels on pull requests may let a plan destroy something: https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
APPROVAL: Final = "plan: may destroy"
_LABEL: Final = "plan: "
#: A comment holds 65,536 characters (GitHub refuses more: "Body is too long"); some are left for the marker.
_COMMENT: Final = 65_000
_MARKER: Final = re.compile(
    r"<!-- ecrctl plan (?P<file>[0-9a-f]{16}) (?P<risks>[a-z,]*) (?P<destroying>[0-9a-f]{16}|-) -->"
)
_QUERY: Final = """
query($owner: String!, $name: String!, $number: Int!, $endCursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      labels(first: 100) { nodes { name } }
      comments(first: 100, after: $endCursor) {
        pageInfo { hasNextPage endCursor }
        nodes { databaseId viewerDidAuthor body }
      }
    }
  }
}
"""


class NoGitHub(RegistryError):
    """`gh` is not there, or GitHub does not do what it is asked."""

    exit_code = ExitCode.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a plan is told with: the file that it is of, the risks in it, what it destroys, and Markdown for people."""

    file: str
    risks: Collection[str]
    destroying: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment that this program wrote: of which file, the risks it told of, and what was destroyed in it."""

    number: int
    file: str
    risks: frozenset[str]
    destroying: str


@dataclass(frozen=True, slots=True)
class _PullRequest:
    labels: frozenset[str]
    comments: tuple[_Comment, ...]


def tell(number: int, plan: Told, risks: Iterable[str]) -> bool:
    """Bring the comment and the labels of a pull request up to date; whether what the plan destroys is approved.

    Approved is what stood in the comment when somebody added the label `plan: may destroy`. If something else is
    destroyed now, the label is taken away again. Only comments of the same author count as this program's: anybody can
    write one that looks alike. A plan that destroys nothing needs no approval.

    :param risks: all that there are; their labels are removed where they no longer hold.
    :raises NoGitHub: where `gh` is not installed, or GitHub refuses.
    """
    found = _read(number)
    file, destroying = _digest([plan.file]), _digest(sorted(plan.destroying)) if plan.destroying else "-"
    before = next((each for each in found.comments if each.file == file), None)
    approved = not plan.destroying or (
        APPROVAL in found.labels and before is not None and before.destroying == destroying
    )
    if APPROVAL in found.labels and not (approved and plan.destroying):
        _api("DELETE", f"issues/{number}/labels/{quote(APPROVAL, safe='')}")
    marker = f"<!-- ecrctl plan {file} {','.join(sorted(plan.risks))} {destroying} -->"
    body = {"body": f"{marker}\n{_shortened(plan.text)}\n{_approval(plan, approved)}"}
    if before is None:
        _api("POST", f"issues/{number}/comments", body)
    else:
        _api("PATCH", f"issues/comments/{before.number}", body)
    now = set(plan.risks).union(*(each.risks for each in found.comments if each.file != file))
    wanted = {_LABEL + risk for risk in now}
    for label in sorted(({_LABEL + risk for risk in risks} & found.labels) - wanted):
        _api("DELETE", f"issues/{number}/labels/{quote(label, safe='')}")
    if missing := sorted(wanted - found.labels):
        _api("POST", f"issues/{number}/labels", {"labels": missing})
    return approved


def _approval(plan: Told, approved: bool) -> str:
    if not plan.destroying:
        return ""
    if approved:
        return f"The label `{APPROVAL}` approves what is destroyed here.\n"
    return f"**Images may be lost.** Whoever wants that adds the label `{APPROVAL}`, after this comment was written.\n"


def _shortened(text: str) -> str:
    """A text that fits into a comment, cut between two lines."""
    if len(text) <= _COMMENT:
        return text
    kept = text[:_COMMENT].rsplit("\n", 1)[0]
    left = text[len(kept) :].strip("\n").count("\n") + 1
    return f"{kept}\n\n{left:,} more lines are in the summary of the run.\n"


def _digest(words: Iterable[str]) -> str:
    """Names of files and repositories without a character that could end a comment of HTML."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _read(number: int) -> _PullRequest:
    words = ["api", "graphql", "--paginate", "--slurp", "-F", "owner={owner}", "-F", "name={repo}"]
    pages = _answer("graphql", _gh([*words, "-F", f"number={number}", "-f", f"query={_QUERY}"]))
    try:
        found = [page["data"]["repository"]["pullRequest"] for page in pages]
        labels = frozenset(row["name"] for row in found[0]["labels"]["nodes"])
        rows = [row for each in found for row in each["comments"]["nodes"] if row["viewerDidAuthor"]]
    except (KeyError, IndexError, TypeError):
        raise NoGitHub(
            f"GitHub has no pull request {number} in this repository\n    way out: give its number"
        ) from None
    return _PullRequest(
        labels,
        tuple(
            _Comment(
                row["databaseId"],
                match["file"],
                frozenset(filter(None, match["risks"].split(","))),
                match["destroying"],
            )
            for row in rows
            if (match := _MARKER.match(row["body"]))
        ),
    )


def _api(method: str, path: str, body: dict[str, Any] | None = None) -> None:
    words = ["api", "--silent", "--method", method, f"repos/{{owner}}/{{repo}}/{path}"]
    _gh([*words, "--input", "-"] if body else words, json.dumps(body) if body else "")


def _answer(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise NoGitHub(f"gh answers {what} with no JSON\n    way out: use gh 2.48 or newer") from None


def _gh(words: list[str], given: str = "") -> str:
    """Run gh; the body of a call goes to its standard input, where no other user of the machine sees it."""
    if (gh := shutil.which("gh")) is None:
        raise NoGitHub("gh is not on PATH\n    way out: install GitHub's command line, https://cli.github.com")
    finished = subprocess.run(  # noqa: S603
        [gh, *words], input=given, capture_output=True, encoding="utf-8", errors="backslashreplace", check=False
    )
    if finished.returncode:
        said = finished.stderr.strip().splitlines()
        raise NoGitHub(
            f"gh {words[0]} failed: {said[0] if said else f'exit code {finished.returncode}'}\n"
            "    way out: in a workflow it needs GH_TOKEN and the permission pull-requests: write; "
            "elsewhere `gh auth login`"
        )
    return finished.stdout
