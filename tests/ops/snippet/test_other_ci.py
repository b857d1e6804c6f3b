"""CircleCI, Bitbucket Pipelines and HCP Terraform: which role they take, for what, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from ops.snippet.subject import NoSnippet
from tests.snippets import TEXT, bitbucket_steps, only, refused_by, schema, snippet

ROLE = "arn:aws:iam::012345678901:role/ecr-registry/acme/acme-"


def circle(name: str, text: str = TEXT) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(only(snippet(name, "circleci", text), ".circleci/config.yml"))
    return found


def bucket(name: str, text: str = TEXT, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(only(snippet(name, "bitbucket", text, **more), "bitbucket-pipelines.yml"))
    return found


# CircleCI


def test_circleci_takes_the_role_with_the_token_that_says_the_branch() -> None:
    """Without a role's ARN in the job the token is checked against nothing: CircleCI-Public/aws-ecr-orb 211."""
    document = circle("web/circle")
    job = document["jobs"]["push-web-circle"]
    assert job["environment"]["AWS_ROLE_ARN"] == f"{ROLE}circle"
    commands = [it["run"]["command"] for it in job["steps"] if "run" in it]
    assert '"$CIRCLE_OIDC_TOKEN_V2" > "$AWS_WEB_IDENTITY_TOKEN_FILE"' in commands[1]
    assert commands[-1] == 'TAG="build-$CIRCLE_BUILD_NUM" bash ci/push-web-circle.sh'
    assert "setup_remote_docker" in job["steps"]
    assert document["workflows"]["push-web-circle"]["jobs"] == [
        {"push-web-circle": {"filters": {"branches": {"only": "main"}}}}
    ]


def test_circleci_runs_for_the_trusted_tags_and_for_no_branch() -> None:
    """With a filter of tags alone it runs for each branch, too: jamielennox/requests-mock 446d8e6."""
    document = circle("web/circle-tags")
    (job,) = document["workflows"]["push-web-circle-tags"]["jobs"]
    assert job["push-web-circle-tags"]["filters"] == {"tags": {"only": "/^v.*$/"}, "branches": {"ignore": "/.*/"}}
    assert 'TAG="$CIRCLE_TAG" bash' in document["jobs"]["push-web-circle-tags"]["steps"][-1]["run"]["command"]
    assert "when" not in document["workflows"]["push-web-circle-tags"]


def test_circleci_promotes_what_a_parameter_names_and_does_not_build_then() -> None:
    document = circle("web/circle")
    image = "<< pipeline.parameters.image >>"
    assert document["parameters"]["environment"]["enum"] == ["prod", "staging"]
    assert document["workflows"]["push-web-circle"]["when"] == {"not": image}
    assert document["workflows"]["promote-web-circle"]["when"] == image
    job = document["jobs"]["promote-web-circle"]
    assert job["environment"]["SOURCE"] == image  # in no shell: a parameter is whatever somebody types
    assert job["steps"][-1]["run"]["command"] == 'bash ci/promote-web-circle.sh "$SOURCE" "$ENVIRONMENT"'
    assert "setup_remote_docker" not in job["steps"]


# Bitbucket


def test_bitbucket_takes_the_role_in_a_runtime_that_has_buildx() -> None:
    """`--privileged=true is not allowed` without: docker/scout-cli 34, gperdomor/oss 789, anomalyco/sst 5372."""
    document = bucket("web/bucket")
    (step,) = bitbucket_steps(document)
    assert step["oidc"] is True
    assert step["runtime"] == {"cloud": {"version": "3"}}
    assert step["services"] == ["docker"]
    assert f"export AWS_ROLE_ARN={ROLE}bucket" in step["script"]
    assert step["script"][-1].startswith('TAG="build-$BITBUCKET_BUILD_NUMBER-$BITBUCKET_STEP_RUN_NUMBER" bash')
    assert list(document["pipelines"]) == ["default"]


def test_a_deployment_of_bitbucket_is_named_and_goes_with_its_principal_alone() -> None:
    with pytest.raises(NoSnippet, match="way out: --deployment NAME"):
        bucket("web/bucket", as_="bucket-prod")
    with pytest.raises(NoSnippet, match="stands for steps without a deployment"):
        bucket("web/bucket", as_="bucket", deployment="production")
    with pytest.raises(NoSnippet, match="--deployment does not go with --for circleci"):
        snippet("web/circle", "circleci", deployment="production")
    document = bucket("web/bucket", as_="bucket-prod", deployment="Production & more")
    (step,) = bitbucket_steps(document)
    assert step["deployment"] == "Production & more"
    variables = document["pipelines"]["custom"]["promote-web-bucket"][0]["variables"]
    assert variables[1] == {"name": "ENVIRONMENT", "default": "prod", "allowed-values": ["prod", "staging"]}
    assert refused_by(schema("bitbucket-pipelines"), document) == []


def test_a_push_of_a_deployment_is_started_by_hand_as_nobody_says_its_branch() -> None:
    text = TEXT.replace("push: [bucket]", "push: [bucket-prod]")
    document = bucket("web/bucket", text, deployment="production")
    assert set(document["pipelines"]) == {"custom"}
    assert set(document["pipelines"]["custom"]) == {"push-web-bucket", "promote-web-bucket"}


# HCP Terraform


def terraform(name: str = "web/circle", text: str = TEXT, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    made = snippet(name, "terraform", text, **{"image": "v1.2.3", **more})
    workspace, reads = (json.loads(made.files[path]) for path in ("workspace/ecr.tf.json", "ecr.tf.json"))
    return workspace, reads


def variables(workspace: dict[str, Any]) -> dict[str, str]:
    found = workspace["resource"]["tfe_variable"]
    assert all(it["category"] == "env" and it["key"] == key for key, it in found.items())
    return {key: it["value"] for key, it in found.items()}


def test_the_workspace_gets_the_variables_by_which_its_runs_take_the_role() -> None:
    workspace, reads = terraform()
    assert variables(workspace) == {"TFC_AWS_PROVIDER_AUTH": "true", "TFC_AWS_RUN_ROLE_ARN": f"{ROLE}runs"}
    assert workspace["data"]["tfe_workspace"]["this"] == {"name": "web", "organization": "acme"}
    assert workspace["provider"]["tfe"] == {"organization": "acme"}
    image = reads["data"]["aws_ecr_image"]["ecr_web_circle"]
    assert image == {"registry_id": "012345678901", "repository_name": "web/circle", "image_tag": "v1.2.3"}
    assert reads["provider"]["aws"] == {"region": "ap-northeast-2", "allowed_account_ids": ["012345678901"]}
    assert reads["output"]["ecr_web_circle"]["value"].endswith(
        "/web/circle@${data.aws_ecr_image.ecr_web_circle.image_digest}"
    )


def test_a_host_and_an_audience_of_ones_own_are_said() -> None:
    own = TEXT.replace(
        "run_phases: [plan, apply]}", "run_phases: [plan, apply], host: tfe.example.com, audience: aws.acme}"
    )
    workspace, _ = terraform(text=own, image=f"sha256:{'0' * 64}")
    assert variables(workspace)["TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE"] == "aws.acme"
    assert workspace["provider"]["tfe"]["hostname"] == "tfe.example.com"


def test_only_the_phases_that_are_trusted_get_the_role_and_a_plan_without_one_is_told() -> None:
    also = ", also: [{terraform: {workspace: other, run_phases: [plan]}}]}"
    text = TEXT.replace("run_phases: [plan, apply]}}", "run_phases: [apply]}" + also)
    assert also in text
    workspace, _ = terraform(text=text)
    assert set(variables(workspace)) == {"TFC_AWS_PROVIDER_AUTH", "TFC_AWS_APPLY_ROLE_ARN"}
    (note,) = snippet("web/circle", "terraform", text, image="v1.2.3").notes
    assert "a plan reads the image already" in note


def test_there_is_no_docker_where_terraform_runs() -> None:
    """hashicorp/terraform-provider-docker 227, kreuzwerker/terraform-provider-docker 132: it was tried."""
    text = TEXT.replace("read: [runs]", "push: [runs]").replace("push: [circle], promote: [circle], ", "")
    assert any("have no docker" in it for it in snippet("web/circle", "terraform", text, image="v1").notes)
    with pytest.raises(NoSnippet, match="no principal that is runs of HCP Terraform"):
        snippet("web/lab", "terraform", image="v1")
