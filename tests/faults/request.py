"""What a client asks AWS for, as it stands on the wire, and the answers that AWS would not give."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import botocore.session

#: By the name in a signature, what botocore calls the service.
_MODELS: Final = {"access-analyzer": "accessanalyzer"}
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
#: How the names of operations begin that change nothing.
READS: Final = re.compile("AssumeRole|BatchGet|Check|Describe|Get|GET|HEAD|List|Validate")
#: Operations by what is asked for, of services that speak in paths.
_PATHS: Final = {
    ("lambda", "GET", r"/2015-03-31/functions/?"): "ListFunctions",
    ("lambda", "GET", r"/2015-03-31/functions/[^/]+"): "GetFunction",
    ("inspector2", "POST", r"/coverage/list"): "ListCoverage",
    ("inspector2", "POST", r"/cluster/get"): "GetClustersForImage",
    ("access-analyzer", "POST", r"/policy/check-no-new-access"): "CheckNoNewAccess",
    ("access-analyzer", "POST", r"/policy/check-access-not-granted"): "CheckAccessNotGranted",
    ("access-analyzer", "POST", r"/policy/check-no-public-access"): "CheckNoPublicAccess",
    ("access-analyzer", "POST", r"/policy/validation"): "ValidatePolicy",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over the wire; `missing` bytes are promised in its length, and never come."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0


@dataclass(frozen=True)
class Request:
    """One request of a client."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def scope(self) -> tuple[str, str]:
        """Region and service, as the signature has them; of a layer of an image `oci`."""
        found = _SCOPE.search(self.headers.get("Authorization", ""))
        return (found[1], found[2]) if found else ("", "oci")

    @property
    def service(self) -> str:
        """As IAM's actions begin."""
        return self.scope[1]

    @cached_property
    def operation(self) -> str:
        """The name of the call."""
        if target := self.headers.get("X-Amz-Target"):
            return target.rpartition(".")[2]
        if action := dict(parse_qsl(self.body.decode(errors="replace"))).get("Action"):
            return action
        path = self.path.partition("?")[0]
        for (service, method, pattern), name in _PATHS.items():
            if (self.service, self.method) == (service, method) and re.fullmatch(pattern, path):
                return name
        if self.service == "s3":
            return f"{self.method} {'object' if path.strip('/').count('/') else 'bucket'}"
        return f"{self.method} {path.rpartition('/')[0]}" if self.service == "oci" else f"{self.method} {path}"

    @property
    def call(self) -> str:
        """Service and operation, for a table."""
        return f"{self.service}:{self.operation}"

    @property
    def key(self) -> tuple[object, ...]:
        """Another attempt at the same call has the same."""
        return (self.scope, self.operation, self.path, self.body)

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return not READS.match(self.operation)

    @cached_property
    def about(self) -> str:
        """The stack, the policy or the path; the same in every account, where templates have another hash."""
        form = dict(parse_qsl(self.body.decode(errors="replace")))
        named = next((form[name] for name in ("StackName", "PolicyName", "PolicyArn") if name in form), self.path)
        return re.sub(r"arn:[^/]*:stack/([^/]+)/.*", r"\1", re.sub(r"[0-9a-f]{64}|\d{12}", "", named))

    @property
    def by_boto(self) -> bool:
        """Whether ecrctl asks itself, and not the CDK CLI that it started."""
        return "aws-sdk-js" not in self.headers.get("User-Agent", "") + self.headers.get("X-Amz-User-Agent", "")

    @property
    def speaks_json(self) -> bool:
        """Or XML."""
        return "X-Amz-Target" in self.headers or self.service in {"access-analyzer", "inspector2", "lambda"}

    def refusal(self, code: str, message: str, status: int = 400, **headers: str) -> Answer:
        """An error as the service writes it."""
        if self.speaks_json:
            told = {"__type": code, "message": message}
            return Answer(status, json.dumps(told).encode(), {"x-amzn-ErrorType": code, **headers})
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if self.service == "ec2":
            return Answer(status, f"<Response><Errors>{error}</Errors></Response>".encode(), headers)
        if self.service in {"s3", "oci"}:
            return Answer(status, error.encode(), headers)
        return Answer(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode(), headers)

    @cached_property
    def pages(self) -> Pages | None:
        """How its answers come in pages; None where they come whole."""
        return _pages(_MODELS.get(self.service, self.service), self.operation)

    def without(self, parameter: str, value: str) -> Request:
        """The same without a parameter that has this value."""
        if self.body.startswith(b"{"):
            said = json.loads(self.body)
            if said.get(parameter) == value:
                del said[parameter]
            return Request(self.method, self.path, self.headers, json.dumps(said).encode())
        pairs = [it for it in parse_qsl(self.body.decode(), keep_blank_values=True) if it != (parameter, value)]
        path, _, asked = self.path.partition("?")
        kept = [it for it in parse_qsl(asked, keep_blank_values=True) if it != (parameter, value)]
        return Request(
            self.method,
            f"{path}?{urlencode(kept)}" if kept else path,
            self.headers,
            urlencode(pairs).encode() if pairs else self.body,
        )


@dataclass(frozen=True, slots=True)
class Pages:
    """The names of a paginated operation: what is given for the next page, what is answered, where the rows are."""

    given: str
    answered: str
    rows: tuple[str, ...]
    more: str | None  # says whether there is another page

    def empty(self, request: Request, token: str) -> Answer:
        """A page without rows, which is not the last."""
        if request.speaks_json:
            return Answer(200, json.dumps({**{each: [] for each in self.rows}, self.answered: token}).encode())
        more = f"<{self.more}>true</{self.more}>" if self.more else ""
        inner = f"{''.join(f'<{each}/>' for each in self.rows)}{more}<{self.answered}>{token}</{self.answered}>"
        name = request.operation
        if request.service != "ec2":
            inner = f"<{name}Result>{inner}</{name}Result>"
        return Answer(200, f"<{name}Response>{inner}</{name}Response>".encode())

    def with_token(self, request: Request, answer: Answer, token: str) -> Answer:
        """An answer that says that there is more."""
        if request.speaks_json:
            said: Any = json.loads(answer.body)
            return Answer(answer.status, json.dumps({**said, self.answered: token}).encode(), answer.headers)
        text = answer.body.decode()
        added = f"<{self.answered}>{token}</{self.answered}>"
        if self.more:
            text = re.sub(f"<{self.more}>[^<]*</{self.more}>", "", text)
            added += f"<{self.more}>true</{self.more}>"
        end = f"</{request.operation}{'Response' if request.service == 'ec2' else 'Result'}>"
        return Answer(answer.status, text.replace(end, added + end, 1).encode(), answer.headers)


def _pages(service: str, operation: str) -> Pages | None:
    loader = botocore.session.get_session().get_component("data_loader")
    if service not in loader.list_available_services("paginators-1"):
        return None
    said = loader.load_service_model(service, "paginators-1")["pagination"].get(operation)
    if said is None or not isinstance(said["input_token"], str):
        return None
    rows = said["result_key"] if isinstance(said["result_key"], list) else [said["result_key"]]
    names = (said["input_token"], said["output_token"])
    if not all(map(str.isidentifier, (*names, *rows))):
        return None
    return Pages(*names, tuple(rows), said.get("more_results"))
