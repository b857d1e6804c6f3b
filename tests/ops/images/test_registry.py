"""`ops.images` for scripts: what it answers, and errors that say what to do."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.aws.cloud import CloudError, OddAnswer
from ops.images import ImageRegistry, NoSuchImage, NoSuchRepository, WrongReference, parsed
from ops.images.listing import blobs
from registry.errors import ExitCode, RegistryError
from tests.ops.images.stored import INDEX, NAME, described, digest, found, image_manifest, read, row
from tests.ops.stubs import ACCOUNT, HOME, Cloud
from tests.synth import ROOT

HERE = ImageRegistry(HOME, account=ACCOUNT)


@pytest.fixture
def registry(cloud: Cloud) -> ImageRegistry:
    return ImageRegistry(HOME, account=ACCOUNT)


def test_an_image_is_found_by_its_tag(cloud: Cloud, registry: ImageRegistry) -> None:
    found(cloud, {"imageTag": "v1"}, row("a", "v1", "latest", imageManifestMediaType=INDEX))
    image = registry.find("web/api:v1")
    assert (image.digest, image.tags, image.kind) == (digest("a"), ("latest", "v1"), "index")
    assert registry.uri(image.repository, image.digest) == (
        f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com/web/api@{digest('a')}"
    )
    assert registry.uri("web/api", "v1").endswith("/web/api:v1")


def test_of_a_tag_and_a_digest_the_digest_counts(cloud: Cloud, registry: ImageRegistry) -> None:
    found(cloud, {"imageDigest": digest("a")}, row("a"))
    host = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
    assert registry.find(f"{host}/web/api:v1@{digest('a')}").tags == ()


def test_an_image_that_is_not_there_is_a_no_with_the_way_out(cloud: Cloud, registry: ImageRegistry) -> None:
    cloud.refuse("describe_images", "ImageNotFoundException")
    with pytest.raises(NoSuchImage, match=r"there is no image web/api:v9 in \d+/ap-northeast-2\n    way out: ") as no:
        registry.find("web/api:v9")
    assert no.value.exit_code == ExitCode.NO
    found(cloud, {"imageTag": "v9"})  # and so is an answer without images
    with pytest.raises(NoSuchImage):
        registry.find("web/api:v9")


def test_a_repository_that_is_not_there_is_said_by_every_method(cloud: Cloud, registry: ImageRegistry) -> None:
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    cloud.refuse("batch_get_image", "RepositoryNotFoundException")
    calls: list[Any] = [
        lambda: registry.images("web/api"),
        lambda: registry.find("web/api:v1"),
        lambda: registry.manifests("web/api", [digest("a")]),
    ]
    for call in calls:
        with pytest.raises(NoSuchRepository, match=r"there is no repository web/api in .*\n    way out: "):
            call()


def test_other_refusals_are_clouderrors_with_awss_words(cloud: Cloud, registry: ImageRegistry) -> None:
    cloud.refuse("describe_images", "AccessDeniedException", "not you")
    with pytest.raises(CloudError, match="AWS refused DescribeImages: not you"):
        registry.images("web/api")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("web/api", "names a repository, and no image in it\n    way out: add a tag or a digest, such as web/api:v1"),
        ("Web/api:v1", 'this is no reference to an image of ECR\n    given:   "Web/api:v1"'),
        ("docker.io/library/nginx:1@x", "this is no reference"),
        ("", "this is no reference"),
        (f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/web/api:v1", f"web/api:v1 is in {ACCOUNT}/us-west-2, and this is"),
    ],
)
def test_what_is_no_reference_here_is_bad_usage(text: str, message: str) -> None:
    with pytest.raises(WrongReference, match=re.escape(message)) as wrong:
        HERE.find(text)
    assert wrong.value.exit_code == ExitCode.INVALID


@pytest.mark.parametrize("suffix", ["dkr.ecr.us-west-2.amazonaws.com", "dkr.ecr-fips.us-west-2.amazonaws.com",
                                    "dkr-ecr.us-west-2.on.aws", "dkr.ecr.cn-north-1.amazonaws.com.cn"])  # fmt: skip
def test_every_host_of_ecr_is_read(suffix: str) -> None:
    at = parsed(f"{ACCOUNT}.{suffix}/web/api:v1").at
    assert at is not None
    assert at.account == ACCOUNT
    assert f".{at.region}." in suffix


def test_images_are_the_newest_first_page_by_page(cloud: Cloud, registry: ImageRegistry) -> None:
    wanted = {**NAME, "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": [row("a", days=9)], "nextToken": "x"}, wanted)
    cloud.expect("describe_images", {"imageDetails": [row("b", days=1)]}, {**wanted, "nextToken": "x"})
    assert [image.digest for image in registry.images("web/api")] == [digest("b"), digest("a")]


def test_manifests_are_read_a_hundred_at_a_time_and_each_once(cloud: Cloud, registry: ImageRegistry) -> None:
    many = [f"sha256:{number:064}" for number in range(101)]
    cloud.expect("batch_get_image", {"images": []}, {**NAME, "imageIds": [{"imageDigest": it} for it in many[:100]]})
    cloud.expect("batch_get_image", {"images": []}, {**NAME, "imageIds": [{"imageDigest": many[100]}]})
    assert registry.manifests("web/api", [*many, many[0]]) == {}
    read(cloud, a=image_manifest("c", b=1))
    assert registry.manifests("web/api", [digest("a")])[digest("a")]["layers"][0]["size"] == 1


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '"x"', '{"layers": 7}', '{"manifests": {}}', '{"layers": [7]}', '{"config": 7}'),
        *(
            '{"layers": [{"digest": 7}]}',
            '{"layers": [{"digest": "x", "size": "1"}]}',
            '{"manifests": [{"platform": 7}]}',
        ),
    ],
)
def test_a_manifest_that_is_none_is_an_odd_answer(cloud: Cloud, registry: ImageRegistry, text: str) -> None:
    images = [{"imageId": {"imageDigest": digest("a")}, "imageManifest": text}]
    cloud.expect("batch_get_image", {"images": images})
    with pytest.raises(OddAnswer, match="BatchGetImage"):
        registry.manifests("web/api", [digest("a")])


def test_a_manifest_with_a_layer_without_a_digest_is_an_odd_answer_where_it_is_read(
    cloud: Cloud, registry: ImageRegistry
) -> None:
    images = [
        {"imageId": {"imageDigest": digest("a")}, "imageManifest": '{"layers": [{"size": 1}], "manifests": [{}]}'}
    ]
    cloud.expect("batch_get_image", {"images": images})
    manifest = registry.manifests("web/api", [digest("a")])
    with pytest.raises(OddAnswer, match="answer to BatchGetImage cannot be used: it has no digest"):
        blobs(digest("a"), manifest)


def test_a_login_is_shown_without_its_password(cloud: Cloud, registry: ImageRegistry) -> None:
    ends = datetime(2026, 11, 26, tzinfo=UTC)
    data = {"authorizationToken": base64.b64encode(b"AWS:se:cret").decode(), "expiresAt": ends}
    cloud.expect("get_authorization_token", {"authorizationData": [data]}, {})
    login = registry.login()
    assert (login.user, login.password, login.host) == ("AWS", "se:cret", f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com")
    assert "se:cret" not in repr(login)


@pytest.mark.parametrize("token", ["%%%", base64.b64encode(b"no colon").decode(), base64.b64encode(b"\xff:").decode()])
def test_a_token_that_is_none_is_an_odd_answer(cloud: Cloud, registry: ImageRegistry, token: str) -> None:
    cloud.expect("get_authorization_token", {"authorizationData": [{"authorizationToken": token, "expiresAt": 1}]})
    with pytest.raises(OddAnswer, match="GetAuthorizationToken"):
        registry.login()


def test_without_an_account_it_is_that_of_the_credentials(cloud: Cloud) -> None:
    cloud.caller("210987654321")
    wanted = {"repositoryName": "web/api", "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": []}, wanted)
    registry = ImageRegistry(HOME)
    assert registry.images("web/api") == []
    assert (registry.account, registry.account) == ("210987654321", "210987654321")  # asked once


def test_what_the_page_shows_for_scripts_runs(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "images.md").read_text(), flags=re.M | re.S)
    described(cloud, row("a", "v1"))
    cloud.refuse("describe_images", "ImageNotFoundException")
    exec(code, {})
    shown = capsys.readouterr().out
    assert f"{digest('a')} ('v1',) 1500000 None" in shown
    assert "way out:" in shown


def test_every_error_of_the_face_has_one_base() -> None:
    assert all(issubclass(each, RegistryError) for each in (NoSuchImage, NoSuchRepository, WrongReference, CloudError))
