"""Pages that never end: botocore sees only a token that comes twice in a row."""

from __future__ import annotations

import json
import threading
from typing import Any

import botocore.loaders
import botocore.session
import pytest

from ops.aws import cloud
from ops.aws.attempts import ATTEMPTS
from ops.aws.cloud import CloudError, OddAnswer, aws_errors
from ops.aws.pages import Pages
from tests.ops.aws.test_cloud import use
from tests.ops.odd_aws import OddAws
from tests.ops.stubs import HOME


def listed(tokens: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The repositories of an ECR whose pages have these tokens, again and again."""
    pages = iter(tokens * 50)
    body = {"repositories": [{"repositoryName": "a"}]}
    with OddAws(lambda _: (200, json.dumps({**body, "nextToken": next(pages)}).encode())).running() as odd:
        use(odd, monkeypatch)
        with aws_errors():
            return [page["repositories"] for page in cloud.ecr(HOME).get_paginator("describe_repositories").paginate()]


@pytest.mark.parametrize(("tokens", "why"), [("a", "The same next token was received twice"), ("abc", "in a circle")])
def test_a_list_that_never_ends_is_an_odd_answer(tokens: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OddAnswer, match=f"{why}(.|\n)*way out: try again"):
        listed(tokens, monkeypatch)


def test_a_list_may_be_read_again_and_another_beside_it_with_the_same_tokens() -> None:
    pages, of = Pages(), {"repositoryName": "web/api"}
    for _ in range(2):
        assert not pages.in_a_circle("DescribeImages", of)
        assert not pages.in_a_circle("DescribeImages", {**of, "nextToken": "1"})
    assert not pages.in_a_circle("DescribeRepositories", {"nextToken": "1"})
    assert not pages.in_a_circle("DescribeImages", {"repositoryName": "web/ui", "nextToken": "1"})
    assert pages.in_a_circle("DescribeImages", {"repositoryName": "web/ui", "nextToken": "1"})


def test_another_thread_reads_a_list_of_its_own() -> None:
    pages, seen = Pages(), []
    asked = {"repositoryName": "web/api", "nextToken": "1"}
    assert not pages.in_a_circle("DescribeImages", asked)
    other = threading.Thread(target=lambda: seen.append(pages.in_a_circle("DescribeImages", asked)))
    other.start()
    other.join()
    assert seen == [False]


def test_what_has_pages_is_known_before_threads_ask_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore looks through the folders of all services for it: in 16 threads at once that took most of a second."""
    monkeypatch.setattr(botocore.session, "create_loader", botocore.loaders.create_loader)  # tests keep one for all
    client = cloud.cloudformation(HOME)
    monkeypatch.delattr("os.listdir")
    assert client.get_paginator("describe_stacks")


@pytest.mark.parametrize("service", ["iam", "ecr", "ec2", "lambda"])
@pytest.mark.parametrize("body", [b"Service Unavailable", b"<!DOCTYPE html><html>no</html>", b"", b"upstream: {"])
def test_a_server_that_fails_in_words_of_its_own_is_asked_again(
    service: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://github.com/boto/botocore/pull/2463: words that are no XML were an exception at once."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    with OddAws(lambda _: (503, body)).running() as odd:
        use(odd, monkeypatch)
        client = cloud.client(service, HOME)
        ask = {"iam": "list_policies", "ecr": "describe_registry", "ec2": "describe_regions"}.get(
            service, "list_functions"
        )
        with pytest.raises(CloudError, match=r"503(.|\n)*way out: run it again"), aws_errors():
            getattr(client, ask)()
    assert len(odd.asked) >= ATTEMPTS
