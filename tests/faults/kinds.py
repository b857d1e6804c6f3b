"""The faults: what becomes of one call of a command, and of the same call when it is tried again.

Three of them are what people met: the last of many calls was throttled, and made a deploy that had succeeded fail
(https://github.com/aws/aws-cdk-cli/issues/1777); a proxy's page of HTML was read for ever
(https://github.com/aws/aws-sdk-net/issues/4346); tokens of pages went in a circle, which botocore does not see
(https://github.com/boto/botocore/issues/3778).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.request import Answer, Request

Forward = Callable[[Request], Answer]
HTML = b"<html><head><title>Sign in</title></head><body>Proxy<br></body></html>"
TOKEN, OTHER = "more-of-it", "less-of-it"


class Silence(Exception):
    """No answer: the connection ends."""


class Hang(Exception):
    """No answer, and the connection does not end."""


class Killed(Exception):
    """The command is killed."""


class Way(StrEnum):
    """What has to come of it."""

    LASTS = "lasts"  # exit code 3 with a way out
    PASSES = "passes"  # the same as without it
    ODD = "odd"  # one of the two: nobody can see it in every answer
    KILLS = "kills"  # the next run finishes


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault; `answer` is given the request and how often the call was met, from 0."""

    name: str
    way: Way
    answer: Callable[[Request, int, Forward], Answer]
    every: bool = False  # all later calls have it, too
    by_name: bool = False  # all calls of the operation have it


def _throttled(request: Request, number: int, forward: Forward) -> Answer:
    return request.refusal("ThrottlingException", "Rate exceeded")


def _throttled_twice(request: Request, number: int, forward: Forward) -> Answer:
    later = {"Retry-After": "1"}
    return forward(request) if number >= 2 else request.refusal("Throttling", "Rate exceeded", 429, **later)


def _error(request: Request, number: int, forward: Forward) -> Answer:
    return request.refusal("InternalFailure", "We encountered an internal error", 500)


def _unavailable_twice(request: Request, number: int, forward: Forward) -> Answer:
    return forward(request) if number >= 2 else Answer(503, b"Service Unavailable")


def _closed(request: Request, number: int, forward: Forward) -> Answer:
    raise Silence


def _closed_once(request: Request, number: int, forward: Forward) -> Answer:
    if number == 0:
        raise Silence
    return forward(request)


def _done_and_closed(request: Request, number: int, forward: Forward) -> Answer:
    answer = forward(request)
    if number == 0:
        raise Silence
    return answer


def _done_and_gone(request: Request, number: int, forward: Forward) -> Answer:
    if number == 0:
        forward(request)
    raise Silence


def _hangs(request: Request, number: int, forward: Forward) -> Answer:
    raise Hang


def _html(request: Request, number: int, forward: Forward) -> Answer:
    return Answer(200, HTML, {"Content-Type": "text/html"})


def _gateway(request: Request, number: int, forward: Forward) -> Answer:
    return Answer(502, HTML, {"Content-Type": "text/html"})


def _half(request: Request, number: int, forward: Forward) -> Answer:
    whole = forward(request)
    return Answer(whole.status, whole.body[: len(whole.body) // 2], whole.headers)


def _short(request: Request, number: int, forward: Forward) -> Answer:
    whole = forward(request)
    kept = whole.body[: len(whole.body) // 2]
    return Answer(whole.status, kept, whole.headers, missing=len(whole.body) - len(kept) or 1)


def _nothing_in_it(request: Request, number: int, forward: Forward) -> Answer:
    forward(request)
    name = request.operation
    xml = f"<{name}Response><{name}Result/></{name}Response>".encode()
    return Answer(200, b"{}" if request.speaks_json else xml)


def _expired(request: Request, number: int, forward: Forward) -> Answer:
    return request.refusal("ExpiredTokenException", "The security token included in the request is expired")


def _denied(request: Request, number: int, forward: Forward) -> Answer:
    said = f"User: me is not authorized to perform: {request.call}"
    return request.refusal("AccessDenied" if not request.speaks_json else "AccessDeniedException", said, 403)


def _same_token(request: Request, number: int, forward: Forward) -> Answer:
    if request.pages is None:
        return forward(request)
    answer = forward(request.without(request.pages.given, TOKEN))
    return answer if answer.status != 200 else request.pages.with_token(request, answer, TOKEN)


def _circle(request: Request, number: int, forward: Forward) -> Answer:
    if request.pages is None:
        return forward(request)
    given = request.pages.given
    answer = forward(request.without(given, TOKEN).without(given, OTHER))
    return answer if answer.status != 200 else request.pages.with_token(request, answer, (TOKEN, OTHER)[number % 2])


def _empty_page(request: Request, number: int, forward: Forward) -> Answer:
    if request.pages is None:
        return forward(request)
    if number == 0:
        return request.pages.empty(request, TOKEN)
    return forward(request.without(request.pages.given, TOKEN))


def _killed_before(request: Request, number: int, forward: Forward) -> Answer:
    raise Silence if number else Killed


def _killed_after(request: Request, number: int, forward: Forward) -> Answer:
    if number:
        raise Silence
    forward(request)
    raise Killed


KINDS = {
    fault.name: fault
    for fault in (
        Fault("throttled", Way.LASTS, _throttled),
        Fault("throttled twice, Retry-After", Way.PASSES, _throttled_twice),
        Fault("500", Way.LASTS, _error),
        Fault("503 twice", Way.PASSES, _unavailable_twice),
        Fault("connection ends", Way.LASTS, _closed),
        Fault("connection ends once", Way.PASSES, _closed_once),
        Fault("done, then the connection ends once", Way.PASSES, _done_and_closed),
        Fault("the server is gone", Way.LASTS, _closed, every=True),
        Fault("done, then the server is gone", Way.LASTS, _done_and_gone, every=True),
        Fault("no answer in time", Way.LASTS, _hangs),
        Fault("page of HTML", Way.LASTS, _html),
        Fault("502 with a page of HTML", Way.LASTS, _gateway),
        Fault("half of the answer", Way.ODD, _half),
        Fault("answer shorter than said", Way.LASTS, _short),
        Fault("nothing in the answer", Way.ODD, _nothing_in_it),
        Fault("credentials expire", Way.LASTS, _expired, every=True),
        Fault("permission missing", Way.LASTS, _denied, by_name=True),
        Fault("same token again", Way.ODD, _same_token, by_name=True),
        Fault("tokens in a circle", Way.ODD, _circle, by_name=True),
        Fault("empty page first", Way.PASSES, _empty_page, by_name=True),
        Fault("killed before", Way.KILLS, _killed_before, every=True),
        Fault("killed after", Way.KILLS, _killed_after, every=True),
    )
}
#: Who asks ends, or who answers.
KILLS = ("killed before", "killed after")
ENDS = (*KILLS, "the server is gone", "done, then the server is gone")
#: Pages are of no interest where a call has none.
OF_PAGES = {"same token again", "tokens in a circle", "empty page first"}


def in_turn(turn: int) -> list[Fault]:
    """One kind, another in each turn; and those that kill."""
    kinds = [fault for fault in KINDS.values() if fault.way is not Way.KILLS]
    return [kinds[turn % len(kinds)], *(fault for fault in KINDS.values() if fault.way is Way.KILLS)]
