"""Which tags the files write, where the cache goes, what is refused: by what the repository lets move and allows."""

from __future__ import annotations

import pytest

from ops.snippet.subject import NoSnippet
from tests.snippets import GITHUB, TEXT, only, snippet, step, workflow
from tests.synth import SMALL

BUILD = "docker/build-push-action"
HOST = "012345678901.dkr.ecr.ap-northeast-2.amazonaws.com"


def built(name: str, text: str = TEXT, **more: str) -> dict[str, object]:
    """What the build step is told."""
    return dict(step(workflow(snippet(name, "github", text, **more)), BUILD)["with"])


def tag_of(name: str, text: str = TEXT) -> str:
    (job,) = workflow(snippet(name, "github", text))["jobs"].values()
    return str(job["env"]["TAG"])


def acme(repositories: str, **principals: str) -> str:
    named = "".join(f"  {name}: {{{GITHUB}, {part}}}\n" for name, part in principals.items())
    return f"{SMALL}principals:\n{named}repositories:\n{repositories}"


def test_each_build_has_a_tag_of_its_own_so_that_a_second_attempt_is_no_second_push_of_a_fixed_tag() -> None:
    """docker/build-push-action #1042 and moby/buildkit #3776: ECR refuses a fixed tag that is there."""
    assert tag_of("web/api") == "build-${{ github.run_id }}-${{ github.run_attempt }}"
    assert tag_of("web/pulls") == "pr-${{ github.event.number }}-${{ github.run_id }}-${{ github.run_attempt }}"
    assert 'TAG="build-$CI_JOB_ID"' in only(snippet("web/lab", "gitlab"), ".gitlab-ci.yml")
    assert "$BUILD_NUMBER-$(git rev-parse --short=12 HEAD)" in only(snippet("web/agent", "jenkins"), "Jenkinsfile")
    assert "$$BUILDKITE_BUILD_NUMBER-$$BUILDKITE_RETRY_COUNT" in only(snippet("web/agent", "buildkite"), "pipeline.yml")


def test_the_image_of_a_git_tag_is_called_like_it_and_is_looked_for_first() -> None:
    made = workflow(snippet("web/tags", "github", as_="tags"))
    assert tag_of("web/tags") == "${{ github.ref_name }}"
    assert made["on"] == {"push": {"tags": ["v**"]}}
    assert step(made, BUILD)["if"] == "steps.found.outputs.digest == ''"
    assert "describe-images" in step(made, "Look whether it is there already")["run"]
    assert "describe-images" in only(snippet("web/lab-tags", "gitlab"), "push-web-lab-tags.sh")
    assert "describe-images" not in only(snippet("web/lab", "gitlab"), "push-web-lab.sh")


def test_latest_goes_along_where_the_file_lists_it_and_the_job_is_of_one_branch() -> None:
    assert built("web/api")["tags"] == "${{ env.IMAGE }}:${{ env.TAG }}\n" + f"{HOST}/web/api:latest\n"
    assert built("web/tags")["tags"] == "${{ env.IMAGE }}:${{ env.TAG }}"
    assert built("web/fixed")["tags"] == "${{ env.IMAGE }}:${{ env.TAG }}"
    text = acme("  web/api: {push: [ci], moving_tags: [latest]}\n", ci='branch: "release/*"')
    assert built("web/api", text)["tags"] == "${{ env.IMAGE }}:${{ env.TAG }}"


def test_the_cache_is_an_image_of_oci_under_a_tag_that_moves() -> None:
    """aws/containers-roadmap #876: ECR takes no cache that is a manifest list."""
    assert built("web/api")["cache-to"] == (
        f"type=registry,ref={HOST}/web/api:buildcache,mode=max,image-manifest=true,oci-mediatypes=true"
    )
    assert built("web/api")["cache-from"] == f"type=registry,ref={HOST}/web/api:buildcache"
    script = only(snippet("web/agent", "jenkins"), "push-web-agent.sh")
    assert f"--cache-to=type=registry,ref={HOST}/web/agent:buildcache,mode=max,image-manifest=true," in script


def test_without_a_tag_that_moves_there_is_no_cache_and_it_is_said_how_to_get_one() -> None:
    made = snippet("web/fixed", "github")
    assert "cache-to" not in built("web/fixed")
    (said,) = [note for note in made.notes if "cache" in note]
    assert "buildcache may not move there" in said
    assert "`moving_tags: {add: [buildcache]}` of web/fixed; or a repository for it" in said
    assert "`web/fixed-cache: {moving_tags: [buildcache], push: [main]}`" in said


def test_where_ecr_takes_no_more_filters_only_a_repository_for_caches_is_left() -> None:
    text = acme("  web/api: {push: [ci], moving_tags: [a, b, c, d, e]}\n", ci="branch: main")
    (said,) = [note for note in snippet("web/api", "github", text).notes if "cache" in note]
    assert "{add:" not in said
    assert "`web/api-cache: {moving_tags: [buildcache], push: [ci]}`" in said


@pytest.mark.parametrize(
    ("cache", "reference"),
    [
        ("web/cache: {push: [ci], moving_tags: [buildcache]}", "web/cache:buildcache"),
        ('web/cache: {push: [ci], moving_tags: ["buildcache-*"]}', "web/cache:buildcache-web-api"),
        ("web/api-cache: {push: [ci], moving_tags: [cache]}", "web/api-cache:cache"),
        ("web/buildcache: {push: [ci], image_tag_mutability: MUTABLE}", "web/buildcache:buildcache-web-api"),
    ],
)
def test_a_repository_for_caches_beside_it_is_found(cache: str, reference: str) -> None:
    text = acme(f"  web/api: {{push: [ci]}}\n  {cache}\n", ci="branch: main")
    assert (
        built("web/api", text)["cache-from"]
        == f"type=registry,ref=123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/{reference}"
    )


def test_one_that_the_job_may_not_push_to_is_none() -> None:
    text = acme("  web/api: {push: [ci]}\n  web/cache: {moving_tags: [buildcache]}\n", ci="branch: main")
    assert "cache-from" not in built("web/api", text)


def test_what_a_pull_request_builds_is_nothing_that_others_build_on() -> None:
    told = built("web/pulls")
    assert told["cache-from"] == f"type=registry,ref={HOST}/web/pulls:buildcache"
    assert "cache-to" not in told


def test_images_of_lambda_are_no_index() -> None:
    """aws/aws-lambda-roadmap #82 and docker/buildx #1533: an attestation makes an index, which Lambda refuses."""
    told = built("web/function")
    assert (told["provenance"], told["sbom"]) == (False, False)
    assert any("Lambda" in note for note in snippet("web/function", "github").notes)
    assert (built("web/api")["provenance"], built("web/api")["sbom"]) == ("mode=max", True)


@pytest.mark.parametrize(
    ("allowed", "tag"),
    [
        ('"build-*"', "build-"),
        ('"v*", "sha-*"', "sha-"),
        ('"*"', "build-"),
    ],
)
def test_tags_are_those_that_the_file_allows(allowed: str, tag: str) -> None:
    text = acme(f"  web/api: {{push: [ci], tags_must_match: [{allowed}]}}\n", ci="branch: main")
    assert tag_of("web/api", text).startswith(tag)


@pytest.mark.parametrize(
    ("job", "missing"), [("branch: main", "build-*"), ("pull_requests: true", "pr-*"), ('tag: "v*"', "v*")]
)
def test_where_the_file_allows_none_nothing_is_made(job: str, missing: str) -> None:
    text = acme("  web/api: {push: [ci], tags_must_match: [prod]}\n", ci=job)
    with pytest.raises(NoSnippet) as refused:
        snippet("web/api", "github", text)
    assert "    allowed: prod\n" in str(refused.value)
    assert f'add "{missing}" to tags_must_match of web/api' in str(refused.value)


def test_environments_are_the_tags_that_move_by_name() -> None:
    made = workflow(snippet("web/tags", "github", TEXT.replace("promote: [agent]", "promote: [main]"), as_="main"))
    inputs = made["on"]["workflow_dispatch"]["inputs"]
    assert inputs["environment"]["options"] == ["prod", "staging"]


def test_a_job_of_one_environment_promotes_to_that_alone() -> None:
    made = workflow(snippet("web/api", "github", as_="prod"))
    assert set(made["on"]["workflow_dispatch"]["inputs"]) == {"image"}
    (job,) = made["jobs"].values()
    assert job["environment"] == "prod"
    assert job["steps"][-1]["env"]["ENVIRONMENT"] == "prod"


@pytest.mark.parametrize("settings", ["moving_tags: []", "tags_must_match: [prod, 'build-*'], moving_tags: [prod]"])
def test_without_an_environment_whose_memory_may_be_written_there_is_no_promotion(settings: str) -> None:
    text = acme(f"  web/api: {{promote: [ci], {settings}}}\n", ci="environment: prod")
    with pytest.raises(NoSnippet, match="no tag of an environment may move in web/api"):
        snippet("web/api", "github", text)


def test_what_runs_is_production_or_what_is_said() -> None:
    assert f'image: "{HOST}/web/api:prod"' in only(snippet("web/api", "kubernetes"), "deployment.yaml")
    digest = f"sha256:{'0' * 64}"
    said = only(snippet("web/api", "compose", image=digest), "compose.yaml")
    assert f'image: "{HOST}/web/api@{digest}"' in said
    assert "pull_policy: missing" in said
    with pytest.raises(NoSnippet, match="no tag of web/fixed always is what to run"):
        snippet("web/fixed", "kubernetes")
    text = acme("  web/api: {tags_must_match: [prod]}\n", ci="branch: main")
    with pytest.raises(NoSnippet, match="the file does not allow v1 in web/api"):
        snippet("web/api", "compose", text, image="v1")


def test_what_moves_is_pulled_at_each_start_and_it_is_said() -> None:
    made = snippet("web/api", "kubernetes")
    assert "imagePullPolicy: Always" in only(made, "deployment.yaml")
    assert any("prod moves" in note for note in made.notes)
    made = snippet("web/api", "kubernetes", image="v1.2.3")
    assert "imagePullPolicy: IfNotPresent" in only(made, "deployment.yaml")
    assert not any("moves" in note for note in made.notes)


def test_lambda_takes_nothing_that_moves() -> None:
    with pytest.raises(NoSnippet, match="Lambda reads a tag only when the function is deployed"):
        snippet("web/function", "lambda")
    assert f'ImageUri: "{HOST}/web/function:v1.2.3"' in only(snippet("web/function", "lambda", image="v1.2.3"), ".yaml")
