"""The role in which Amazon Q Developer in chat applications shows messages in the channels of an account."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from registry.model import Registry
from registry.monitoring import names
from registry.monitoring.policies import chat_trust


class ChatRole(iam.CfnRole):
    """A configuration must have a role; this one has no policy, so that nobody in a channel can ask AWS for anything.

    Messages come without it. https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-iam-policies.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, account: str) -> None:
        """Declare the role of `account`, one of the registry's."""
        super().__init__(
            scope,
            construct_id,
            role_name=names.chat_role_name(registry.name),
            path=registry.roles.path,
            description=f"Chat channels that hear of the registry {registry.name}; it may do nothing",
            assume_role_policy_document=chat_trust(),
            permissions_boundary=registry.roles.boundary_in(account),
        )
