"""What a call answers inside ministack: a status, headers and a JSON body."""

import json
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response

Json = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


def answer(body: Json) -> Answer:
    """A call that worked."""
    done: Answer = json_response(body)
    return done


def refusal(code: str, message: str) -> Answer:
    """A call that ECR refuses, with one of its exceptions."""
    refused: Answer = error_response_json(code, message, 400)
    return refused


def body_of(given: Answer) -> Json:
    """The body of an answer."""
    body: Json = json.loads(given[2])
    return body


def page_of(found: list[Json], data: Json, usual: int) -> tuple[list[Json], Json]:
    """A page of `maxResults`, or as long as is usual, and the token of the next where there is one."""
    first, size = int(data.get("nextToken", 0)), data.get("maxResults", usual)
    after = first + size
    return found[first:after], ({"nextToken": str(after)} if after < len(found) else {})


def repository_not_found(repository_name: str) -> Answer:
    """The refusal every call on a repository shares.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html (Errors)
    """
    return refusal(
        "RepositoryNotFoundException",
        f"The repository with name '{repository_name}' does not exist in the registry with id '{get_account_id()}'",
    )
