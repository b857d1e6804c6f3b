"""Amazon EventBridge: events of AWS's services can be put, rules may ask for all management events, and an input
transformer reads items of lists.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html: a rule with the state
ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS is enabled.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"EventBridge does not support all JSON Path syntax and evaluate it at runtime. Supported syntax includes: dot notation
(for example, $.detail), dashes, underscores, alphanumeric characters, array indices, wildcards (*)"

That PutEvents takes a source that begins with `aws.` is not as in AWS, which answers NotAuthorizedForSourceException:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
Here ECR, Amazon Inspector and AWS CloudTrail put no events themselves, and without any no rule could be tried.
"""

import re
from typing import Any

from ministack.services import eventbridge

from sandbox.emulator.answers import Answer, Json

_stock_put_events = eventbridge._put_events
_stock_apply_input_transformer = eventbridge._apply_input_transformer
_stock_dispatch_event = eventbridge._dispatch_event
_INDEXED = "_indexed"
_ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def put_events(data: Json) -> Answer:
    """Take events of any source, those of AWS's services too."""
    answer: Answer = _stock_put_events(data, allow_aws_source=True)
    return answer


def dispatch_event(event: Json, view: Any = None) -> None:
    """Ask the rules that want all management events as well, which ministack takes for disabled."""
    asking = [rule for rule in eventbridge._rules.values() if rule.get("State") == _ALL]
    for rule in asking:
        rule["State"] = "ENABLED"
    try:
        _stock_dispatch_event(event, view)
    finally:
        for rule in asking:
            rule["State"] = _ALL


class _Seen:
    """An event as ministack shows it to its transformer, with what paths with an index lead to beside it."""

    def __init__(self, view: Any, found: Json) -> None:
        self._view, self._found = view, found

    def event_with_detail(self) -> Json:
        return {**self._view.event_with_detail(), _INDEXED: self._found}

    def envelope(self) -> Any:
        return self._view.envelope()


def apply_input_transformer(transformer: Json, rule: Json, view: Any) -> str:
    """The text for a target; what a path does not lead to is left out, as ministack leaves it out."""
    paths = dict(transformer.get("InputPathsMap", {}))
    event, found = view.event_with_detail(), {}
    for name, path in paths.items():
        if "[" in path:
            value = _at(event, path)
            paths[name] = f"$.{_INDEXED}.{name}"
            if value is not None:
                found[name] = value
    text: str = _stock_apply_input_transformer({**transformer, "InputPathsMap": paths}, rule, _Seen(view, found))
    return text


def _at(event: Any, path: str) -> Any:
    """What a path leads to: names, and indices of lists in brackets; None where it leads nowhere."""
    for step in re.findall(r"[^.\[\]$]+", path):
        try:
            event = event[int(step)] if isinstance(event, list) else event[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return event


def install() -> None:
    """Replace them; ministack looks them up when it is called."""
    eventbridge._put_events = put_events
    eventbridge._dispatch_event = dispatch_event
    eventbridge._apply_input_transformer = apply_input_transformer
