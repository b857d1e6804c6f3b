"""boto3 clients from the usual AWS environment: whatever AWS or the network answers becomes a message for people.

Every call of every command goes through `client`. So no command needs to know that an answer can be a proxy's page of
HTML, half a body or nothing, that a key of it can be missing, or that the network can be gone.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError, PaginationError

from ops.aws import refusals
from ops.aws.answers import Readers
from ops.aws.attempts import CONFIG, give_up
from ops.aws.pages import Pages
from registry.errors import ExitCode, RegistryError
from registry.findings import listed
from registry.locations import Location
from registry.model import Registry

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient

Row = TypeVar("Row")
#: How services say that somebody may not; the third is SNS's word.
NOT_ALLOWED: Final = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
#: How services that are not AWS's, a local one for example, say that they do not know an operation.
UNKNOWN_OPERATION: Final = frozenset({"InvalidAction", "UnknownOperationException", "NotImplemented", "501"})


class CloudError(RegistryError):
    """AWS refused a call, could not be reached, or answered what nobody can use: the question stays open."""

    exit_code = ExitCode.UNKNOWN


class OddAnswer(CloudError):
    """What came back is not an answer to the question."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(
            f"AWS's answer to {source} cannot be used: {why}\n"
            "    way out: try again; if that does not help, look for a proxy or an endpoint (AWS_ENDPOINT_URL) that "
            "answers instead of AWS"
        )


class Answer(dict[str, Any]):
    """An answer, or a part of one, that says itself what it should have and has not."""

    __slots__ = ("source",)  # a map of its own for each of a million took a twentieth of the time

    def __init__(self, values: Mapping[str, Any], source: str) -> None:
        super().__init__(values)
        self.source = source

    def __missing__(self, key: str) -> Any:
        raise OddAnswer(self.source, f"it has no {key}")


def _answers(shape: str) -> Callable[[], dict[str, Any]]:
    """Makes empty Answers for what an operation answers: ECR calls every such shape by its operation."""
    source = shape.removesuffix("Response")

    def make() -> Answer:
        made = Answer.__new__(Answer)  # without an empty map to copy
        made.source = source
        return made

    return make


def answer(value: Any, source: str) -> Any:
    """Maps in `value` become Answers. `source` is the operation, for the message."""
    if isinstance(value, Mapping):
        return Answer({key: answer(each, source) for key, each in value.items()}, source)
    return [answer(each, source) for each in value] if isinstance(value, list) else value


def first(rows: Sequence[Row], source: str) -> Row:
    """The row of an answer about one thing by its name: AWS refuses the call where there is none.

    :raises OddAnswer: where it has none all the same.
    """
    if not rows:
        raise OddAnswer(source, "it has no row")
    return rows[0]


def read_json(text: str, source: str) -> Any:
    """A document that stands in an answer as text.

    :raises OddAnswer: where it is no JSON.
    """
    try:
        return json.loads(text)
    except ValueError as problem:
        raise OddAnswer(source, f"a document in it is not JSON ({problem})") from problem


def ecr(region: str) -> ECRClient:
    """ECR in a region, with the credentials, profile and endpoint of the environment."""
    made: ECRClient = client("ecr", region)
    return made


def cloudformation(region: str) -> CloudFormationClient:
    """CloudFormation in a region."""
    made: CloudFormationClient = client("cloudformation", region)
    return made


#: The profile whose credentials clients are made with; None: those of the environment.
_PROFILE: ContextVar[str | None] = ContextVar("profile", default=None)


@contextlib.contextmanager
def credentials_of(profile: str | None) -> Iterator[None]:
    """Make clients with the credentials of a profile of ~/.aws/config; None: with those of the environment."""
    token = _PROFILE.set(profile)
    try:
        yield
    finally:
        _PROFILE.reset(token)


#: The clients that are made already, by profile, service and region, where they are kept.
_MADE: ContextVar[dict[tuple[str | None, str, str], Any] | None] = ContextVar("made", default=None)


@contextlib.contextmanager
def made_once() -> Iterator[None]:
    """Keep clients until the end: those of every region, which two commands of a deploy ask, are half of their work.

    https://docs.aws.amazon.com/boto3/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
    """
    token = _MADE.set({})
    try:
        yield
    finally:
        _MADE.reset(token)


#: Sessions are not safe to use in several threads:
#: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/session.html#multithreading-or-multiprocessing-with-sessions
_MAKING: Final = threading.Lock()


def client(service: str, region: str) -> Any:
    """Any service in a region."""
    profile, kept = _PROFILE.get(), _MADE.get()
    with _MAKING:
        if kept is None:
            return _client(profile, service, region)
        if (profile, service, region) not in kept:
            kept[profile, service, region] = _client(profile, service, region)
        return kept[profile, service, region]


def _client(profile: str | None, service: str, region: str) -> Any:
    session: Any = boto3.Session(profile_name=profile) if profile else boto3
    made = session.client(service, region_name=region, config=CONFIG)
    if not isinstance(made._make_api_call, _Calls):  # every call of a client comes by here, those of paginators too
        made._make_api_call = _Calls(made)
        # ECR's answers are long, and read by a reader of our own.
        made._endpoint._response_parser_factory = Readers(_answers if service == "ecr" else None)
        made.meta.events.register_first("needs-retry", give_up)
        made.meta.events.register("after-call", _refuse_what_is_no_json)
        # For what has pages botocore looks through the folders of all services: once here, and not in each thread.
        made.can_paginate(next(iter(made.meta.method_to_api_mapping)))
    return made


class _Calls:
    """The calls of one client, with answers that are Answers and no exceptions but ClientError and CloudError."""

    def __init__(self, client: Any) -> None:
        self._call = client._make_api_call
        self._service = client.meta.service_model
        self._pages = Pages()

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        if self._pages.in_a_circle(operation, parameters):
            raise OddAnswer(operation, "its pages go in a circle")
        try:
            found = self._call(operation, parameters)
            if type(found) is Answer:  # read by our own reader, in one go
                return found
            return _shaped(found, self._service.operation_model(operation).output_shape, operation)
        except ClientError as problem:
            problem.response["Service"] = self._service.signing_name  # type: ignore[typeddict-unknown-key]
            raise
        except CloudError:
            raise
        except BotoCoreError as problem:
            raise _unreachable(problem) from problem
        except Exception as problem:  # botocore's parsers raise whatever a strange body makes them raise
            raise OddAnswer(operation, f"{type(problem).__name__}: {problem}".partition("\n")[0][:300]) from problem


#: What has nothing inside.
_PLAIN: Final = frozenset({bool, datetime, float, int, str})


def _shaped(value: Any, shape: Any, operation: str) -> Any:
    """An answer whose structures are Answers; documents in it (templates, policies) stay as they are."""
    if value is None:
        raise OddAnswer(operation, "a required value is missing")
    kind = shape.type_name if shape is not None else "structure"
    if kind == "structure" and isinstance(value, Mapping):
        members = shape.members if shape is not None else {}
        inner = {
            key: it if type(it) in _PLAIN or key not in members else _shaped(it, members[key], operation)
            for key, it in value.items()
        }
        return Answer(inner, operation)
    if kind == "list":
        member = shape.member
        return [it if type(it) in _PLAIN else _shaped(it, member, operation) for it in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: _shaped(it, shape.value, operation) for key, it in value.items()}
    return value


def _refuse_what_is_no_json(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
    """A body that is no JSON is an empty answer for botocore, and an empty answer must never mean "there is none"."""
    if "json" not in model.service_model.metadata["protocol"] or http_response.raw is None:
        return
    if http_response.status_code >= 300 or (isinstance(parsed, dict) and parsed.keys() - {"ResponseMetadata"}):
        return
    body = http_response.content.strip()
    try:
        if body and not isinstance(json.loads(body), dict):
            raise ValueError("no map")
    except ValueError:
        text = body[:60].decode(errors="backslashreplace")
        raise OddAnswer(model.name, f"it is not a JSON map; it begins with {text}") from None


def caller(region: str) -> str:
    """The account of the credentials; `region` is one of the file's: those of one partition are nobody in another."""
    return str(client("sts", region).get_caller_identity()["Account"])


def own_account(registry: Registry) -> str:
    """The account of the credentials, which must be one of the registry's: stop before anything is touched.

    A command does its part there; each other account of the registry takes credentials of its own.
    """
    account = caller(registry.region)
    if account not in registry.deployed_accounts:
        raise CloudError(
            f"the credentials belong to the account {account}, "
            f"but the file declares {listed(registry.deployed_accounts)}\n"
            "    way out: choose the profile or the role of that account, for example with AWS_PROFILE"
        )
    return account


def own_locations(registry: Registry) -> tuple[Location, ...]:
    """The locations of a registry in the account of the credentials, replicas first as in every deploy."""
    account = own_account(registry)
    replicas = (replica.location for replica in registry.replicas)
    return tuple(location for location in (*replicas, registry.home) if location.account == account)


@contextlib.contextmanager
def aws_errors() -> Iterator[None]:
    """Turn botocore's exceptions into one message each. Every command of ecrctl runs inside it."""
    try:
        yield
    except ClientError as problem:
        raise refused(problem) from problem
    except BotoCoreError as problem:
        raise _unreachable(problem) from problem


def refused(problem: ClientError, repository: str = "") -> CloudError:
    """A refused call in words, with the way out where one is known.

    :param repository: which repository it was about, where that is known.
    """
    error, service = problem.response.get("Error", {}), str(problem.response.get("Service", ""))
    text = f"AWS refused {problem.operation_name}: {error.get('Message', '')} ({error.get('Code', 'no code')})"
    way_out = refusals.of_refusal(problem, service, repository)
    return CloudError(f"{text}\n    way out: {way_out}" if way_out else text)


def _unreachable(problem: BotoCoreError) -> CloudError:
    if isinstance(problem, PaginationError):  # of a page whose token is the last one again
        return OddAnswer("a question with several pages", str(problem))
    return CloudError(f"AWS cannot be asked: {problem}\n    way out: {refusals.of_silence(problem)}")
