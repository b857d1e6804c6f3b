"""Logical ids of level-2 constructs, whose own would end in a hash."""

from __future__ import annotations

from aws_cdk import CfnResource, Resource


def set_logical_id(resource: Resource, logical_id: str) -> None:
    """Give the resource that a level-2 construct stands for a logical id of registry/naming.py."""
    child = resource.node.default_child
    assert isinstance(child, CfnResource)
    child.override_logical_id(logical_id)
