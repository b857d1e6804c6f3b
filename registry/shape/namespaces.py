"""What can be said of a namespace alone: in which stacks its repositories are."""

from __future__ import annotations

from typing import Annotated

from pydantic import StrictInt, StrictStr

from registry.limits import CFN_GUIDE, REPOSITORIES_A_SHARD, SHARDS, SHARED_STACK, SHARED_STACK_LENGTHS
from registry.shape.base import NotNull, optional
from registry.shape.forms import Limit, number, text
from registry.shape.settings import Settings

ShardCount = Annotated[
    StrictInt,
    number(
        Limit(
            "shards",
            f"{CFN_GUIDE}/cloudformation-limits.html",
            f"Give a namespace {SHARDS[0]} to {SHARDS[1]} shards",
            "Each shard is a stack, and a stack holds 480 repositories. Many almost empty stacks make every deploy "
            "slower.",
            subject="CloudFormation's limits",
        ),
        SHARDS,
        "this is not a shard count",
        f"{SHARDS[0]} to {SHARDS[1]}",
        f"write one for each {REPOSITORIES_A_SHARD} repositories to come",
    ),
]


SharedStack = Annotated[
    StrictStr,
    text(
        Limit(
            "shared-stack",
            f"{CFN_GUIDE}/cfn-using-console-create-stack-parameters.html",
            "Name a shared stack with lower-case letters, digits and hyphens",
            "The name becomes a part of the stack's name, and capitals in it belong to this project.",
            subject="CloudFormation's limits",
        ),
        SHARED_STACK,
        "this is not a name of a shared stack",
        "1 to 40 lower-case letters and digits, with single hyphens between them",
        "write a word such as small",
        lengths=SHARED_STACK_LENGTHS,
    ),
]


class NamespaceShape(Settings):
    """The repositories whose name begins with this word and `/`."""

    stack: Annotated[SharedStack | None, NotNull] = optional(
        "Name of a stack that this namespace shares with others that name it: for many small namespaces, where a "
        "stack each would make a deploy slow. Decide it before the first deploy of the namespace: a change moves its "
        "repositories between stacks. Without the key, the namespace has a stack of its own.",
    )
    shards: Annotated[ShardCount, NotNull] = optional(
        "Number of stacks for this namespace, for more repositories than one stack can have: 480, and about 300 "
        "where a namespace has several grants. Decide it before the first deploy of the namespace: a change moves "
        "repositories between stacks, which docs/operations.md describes.",
        1,
    )
