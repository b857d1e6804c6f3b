"""Templates in a bucket: the CDK writes the bucket in the path for a deploy, and in the host for an import."""

import json

import pytest

from tests.emulator import stacks
from tests.emulator.cloud import Cloud


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.ap-northeast-2.amazonaws.com/{bucket}/cdk/a.yml",
        "https://{bucket}.s3.ap-northeast-2.amazonaws.com/cdk/a.yml",
        "https://{bucket}.s3.amazonaws.com/cdk/a.yml",
    ],
)
def test_a_template_is_read_from_either_address(cloud: Cloud, url: str) -> None:
    s3 = cloud.session.client(
        "s3",
        region_name=cloud.region,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=cloud.account,
        aws_secret_access_key="any",
    )
    bucket = f"assets-{cloud.account}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
    template = {"Resources": {"Resource": stacks.repository("web/api")}}
    s3.put_object(Bucket=bucket, Key="cdk/a.yml", Body=json.dumps(template).encode())
    cloud.cloudformation.create_change_set(
        StackName="web", ChangeSetName="one", ChangeSetType="CREATE", TemplateURL=url.format(bucket=bucket)
    )
    (change,) = cloud.cloudformation.describe_change_set(StackName="web", ChangeSetName="one")["Changes"]
    assert change["ResourceChange"]["LogicalResourceId"] == "Resource"
