"""The identities of principals, as GitHub, GitLab, IAM and Lambda write them, and what people paste instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import StrictInt, StrictStr

from registry.findings import shown
from registry.limits import (
    FUNCTION,
    FUNCTIONS,
    GIT_REF,
    GITHUB_ENVIRONMENT,
    GITHUB_ID,
    GITHUB_REPOSITORY,
    GITLAB_PROJECT,
    HOST,
    IAM_GUIDE,
    IAM_ROLE_ARN,
    ORGANIZATIONAL_UNIT,
)
from registry.shape.forms import Form, Limit, Refusal, number, text

VALUE: Final = Limit(
    "principal-value",
    f"{IAM_GUIDE}/reference_policies_elements_principal.html",
    "Write a principal's identity as its issuer and IAM write it",
    "Trust and grants compare this text letter by letter. Another spelling lets in nobody, and a wildcard lets in "
    "strangers.",
    subject="Access",
)
_COPY: Final = "copy it from GitHub, GitLab or AWS"

#: What people paste instead of a branch or a tag, of a repository, of a project.
_REF: Final = re.compile(r"refs/heads/|refs/tags/|heads/|tags/|origin/")
_GITHUB: Final = re.compile(
    r"(?:(?:https?|ssh)://(?:[^/@]+@)?[^/]+/|[^/@]+@[^/:]+:|(?:www\.)?github\.com/|repo:)?"
    r"([A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+?)(?:\.git)?/?(:.*)?"
)
_GITLAB: Final = re.compile(
    r"(?:(?:https?|ssh)://(?:[^/@]+@)?[^/]+/|[^/@]+@[^/:]+:|project_path:)?"
    r"([A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+?)+)(?:\.git)?/?(?::.*)?"
)


def value_of(
    key: str,
    pattern: re.Pattern[str],
    allowed: str,
    way_out: str | Callable[[str], str] = _COPY,
    *,
    lengths: tuple[int, int] | None = None,
) -> Form:
    """What the value of a key of a principal must be; of a pattern, and of some lengths in characters."""
    return text(VALUE, pattern, f"this is not a valid value of {key}", allowed, way_out, lengths=lengths)


def _without_git(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The same without names that end as addresses for `git clone` do."""
    return re.compile(rf"(?!.*\.git$){pattern.pattern}")


def _repository(value: str) -> str:
    if found := _GITHUB.fullmatch(value):
        return f"write {found[1]}" + (f", and {said}" if (said := _job(found[2] or "")) else "")
    return "name the repository; a principal is one repository"


def _job(subject: str) -> str:
    """The key that a subject of GitHub's says, without what stands before it."""
    for said, key in ((":ref:refs/heads/", "branch"), (":ref:refs/tags/", "tag"), (":environment:", "environment")):
        if subject.startswith(said):
            return f"{key}: {subject.removeprefix(said)}"
    return "pull_requests: true" if subject == ":pull_request" else ""


def _project(value: str) -> str:
    found = _GITLAB.fullmatch(value)
    return f"write {found[1]}" if found else "name the project with its group"


def _role(value: str) -> str:
    if ":user/" in value:
        return "IAM users are not supported, they need long-lived keys: write the role that does it"
    if re.fullmatch(r"[\w+=,.@-]+", value):
        return f"write its ARN: aws iam get-role --role-name {value} --query Role.Arn"
    return "copy it from `aws iam get-role`; a session's ARN (assumed-role) is not the role's"


def _ref(key: str) -> Callable[[str], str]:
    def way_out(value: str) -> str:
        ref = _REF.match(value)
        if ref is None:
            return _COPY
        other = {"refs/heads/": "branch", "refs/tags/": "tag"}.get(ref[0], key)
        return f"write {other}: {value[ref.end() :]}" if other != key else f"write {value[ref.end() :]}"

    return way_out


_REF_LIMIT: Final = Limit(
    "principal-ref",
    "https://docs.github.com/en/actions/reference/security/oidc",
    "Write a branch or a tag by its name alone",
    "The trust policy adds refs/heads/ or refs/tags/ itself. With it written twice no job is ever let in.",
    subject="Access",
)


def _name_alone(key: str) -> Form:
    """The name of a branch or of a tag, without what tokens say before it."""
    before, example = ("heads", "main") if key == "branch" else ("tags", "v*")
    way_out = _ref(key)

    def refuse(value: str) -> Refusal | None:
        if not (_REF.match(value) and GIT_REF.fullmatch(value)):
            return None
        return Refusal(
            f"the trust policy adds refs/{before}/ itself: no job runs for a {key} of this name",
            shown(value),
            f"the {key}'s name, such as {example}",
            way_out(value),
        )

    return Form(_REF_LIMIT, refuse)


_REFS: Final = "letters, digits and ._/+@#%=,-; `*` is a wildcard"

GitHubRepository = Annotated[
    StrictStr,
    value_of(
        "github",
        _without_git(GITHUB_REPOSITORY),
        "OWNER/NAME as GitHub writes them, without wildcards",
        _repository,
    ),
]
GitHubId = Annotated[
    StrictInt,
    number(
        VALUE,
        GITHUB_ID,
        "this is not a valid GitHub id",
        "a positive number",
        "copy it from `gh api repos/OWNER/NAME --jq '.owner.id, .id'`",
    ),
]
GitLabProject = Annotated[
    StrictStr,
    value_of(
        "gitlab", _without_git(GITLAB_PROJECT), "GROUP/PROJECT as GitLab writes them, without wildcards", _project
    ),
]
GitLabHost = Annotated[
    StrictStr,
    value_of(
        "gitlab_host",
        HOST,
        "a host's name in lower case, without https:// and path",
        lambda value: f"write {value.rpartition('://')[2].partition('/')[0].lower()}",
    ),
]
Branch = Annotated[StrictStr, value_of("branch", GIT_REF, _REFS, _ref("branch")), _name_alone("branch")]
GitTag = Annotated[StrictStr, value_of("tag", GIT_REF, _REFS, _ref("tag")), _name_alone("tag")]
Environment = Annotated[
    StrictStr,
    value_of("environment", GITHUB_ENVIRONMENT, "letters, digits, spaces and ._/+@#%=,-, without wildcards"),
]
RoleArn = Annotated[
    StrictStr, value_of("role", IAM_ROLE_ARN, "arn:aws:iam::123456789012:role/NAME, without wildcards", _role)
]
UnitPath = Annotated[
    StrictStr,
    value_of(
        "organizational_unit",
        ORGANIZATIONAL_UNIT,
        "o-…/r-…/ou-…, the path of the unit from the organization down",
        "copy the ids from the Organizations console, from o- down to ou-",
    ),
]
FunctionName = Annotated[
    StrictStr, value_of("lambda_function", FUNCTION, "the function's name: letters, digits, - and _")
]
FunctionPattern = Annotated[
    StrictStr,
    value_of(
        "lambda_function_pattern",
        FUNCTIONS,
        "the beginning of the functions' names and one `*`, such as resize-*",
        "write lambda_function for one function; without either key it is all of the account",
    ),
]
