"""A repository of ECR Public with what the gallery shows of it."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry import model
from registry.model.ecr_documents import catalog_data


class PublicRepository(ecr.CfnPublicRepository):
    """One public repository, in us-east-1: no other region has the type (aws-cloudformation-user-guide #1235).

    It is kept when it leaves the template, as private ones are: whoever pulls from it would find nothing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, repository: model.PublicRepository) -> None:
        """Declare `repository`; what is not written is left out, so that the gallery shows nothing there."""
        said = catalog_data(repository.shape)
        catalog: Any = {_property(key): value for key, value in said.items()}
        super().__init__(
            scope,
            construct_id,
            repository_name=repository.name,
            repository_catalog_data=catalog or None,
            repository_policy_text=json.loads(repository.policy) if repository.policy else None,
            tags=[{"key": key, "value": value} for key, value in repository.tags] or None,
        )
        self.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def _property(key: str) -> str:
    """The property of CloudFormation's type, of a key of the API: the description alone has another name."""
    return "RepositoryDescription" if key == "description" else key[0].upper() + key[1:]
