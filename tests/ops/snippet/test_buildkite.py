"""A pipeline of Buildkite that takes its role by OpenID Connect: for the branch or tag that the role trusts."""

from __future__ import annotations

import pytest
import yaml

from ops.snippet.subject import NoSnippet
from tests.snippets import only, refused_by, schema, snippet

TEXT = """\
registry: {name: acme, account: "012345678901", region: ap-northeast-2}
principals:
  kite: {buildkite: {organization: acme, pipeline: web}, branch: main}
  tags: {buildkite: {organization: acme, pipeline: web}, tag: "v*"}
  flux: {irsa: {issuer: oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF, namespace: a, service_account: b}}
defaults: {moving_tags: [latest, prod]}
repositories:
  web/api: {push: [kite], promote: [kite]}
  web/tags: {push: [tags]}
  web/pods: {push: [flux]}
"""  # noqa: E501
PLUGIN = "aws-assume-role-with-web-identity#v1.8.1"


@pytest.mark.parametrize(
    ("repository", "who", "only_for"),
    [("web/api", "kite", {"branches": "main"}), ("web/tags", "tags", {"if": "build.tag != null"})],
)
def test_a_step_takes_the_role_for_the_trusted_jobs(repository: str, who: str, only_for: dict[str, str]) -> None:
    document = yaml.safe_load(only(snippet(repository, "buildkite", TEXT), "pipeline.yml"))
    (step,) = document["steps"]
    arn = f"arn:aws:iam::012345678901:role/ecr-registry/acme/acme-{who}"
    assert step["plugins"] == [{PLUGIN: {"role-arn": arn}}]
    assert step.items() >= only_for.items()
    assert refused_by(schema("buildkite"), document) == []


def test_the_image_of_a_git_tag_has_its_name() -> None:
    assert 'TAG="$$BUILDKITE_TAG" bash' in only(snippet("web/tags", "buildkite", TEXT), "pipeline.yml")


@pytest.mark.parametrize(
    ("repository", "tool"), [("web/pods", "gitlab"), ("web/api", "gitlab"), ("web/pods", "buildkite")]
)
def test_a_role_of_other_tokens_is_no_tools_own(repository: str, tool: str) -> None:
    with pytest.raises(NoSnippet):
        snippet(repository, tool, TEXT)  # type: ignore[arg-type]
