"""A CloudWatch in memory: metrics with values, and what its graphs and alarms make of them.

It knows the parts of CloudWatch's languages that registry/monitoring uses, and refuses others. What it follows:
search-expression-syntax.html, cloudwatch-metrics-insights-querylanguage.html, using-metric-math.html and
alarm-evaluation.html, all of the CloudWatch user guide. Every value stands for one period; None is a value that is
missing.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from registry.monitoring.alarms import Alarm
from registry.monitoring.metrics import Metric

Values = tuple[float | None, ...]
_FUNCTIONS: Final[Mapping[str, Callable[[Iterable[float]], float]]] = {"SUM": sum, "MAX": max}
_STATISTICS: Final = {"Sum": sum, "Maximum": max}


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values with what is known of them."""

    namespace: str = ""
    name: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    values: Values
    label: str = ""

    @property
    def known(self) -> list[float]:
        """The values that are there."""
        return [value for value in self.values if value is not None]


Result = float | Series | list[Series]


class CloudWatch:
    """The metrics of one region of an account."""

    def __init__(self) -> None:
        self.metrics: list[Series] = []

    def put(self, namespace: str, name: str, values: Sequence[float | None], **dimensions: str) -> None:
        """Publish a metric."""
        found = Series(
            namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())), values=tuple(values)
        )
        assert all((it.namespace, it.name, it.dimensions) != (namespace, name, found.dimensions) for it in self.metrics)
        self.metrics.append(found)

    def metric(self, namespace: str, name: str, dimensions: Iterable[tuple[str, str]]) -> Series | None:
        """A metric, by its whole set of dimensions; None where nothing has been published."""
        wanted = (namespace, name, tuple(sorted(dimensions)))
        return next((it for it in self.metrics if (it.namespace, it.name, it.dimensions) == wanted), None)

    def insights(self, query: str) -> list[Series]:
        """What a Metrics Insights query finds: a series, or one for each group."""
        parsed = _QUERY.fullmatch(query)
        assert parsed, f"not a query that is known here: {query}"
        keys = [each.strip() for each in (parsed["schema"] or "").split(",") if each.strip()]
        where = [_CONDITION.fullmatch(each) for each in (parsed["where"] or "").split(" AND ") if each]
        assert all(where), parsed["where"]
        conditions = {each["key"]: each["value"] for each in where if each}
        found = [
            it for it in self.metrics
            if it.namespace == parsed["namespace"] and it.name == parsed["metric"]
            and (not keys or {key for key, _ in it.dimensions} == set(keys))
            and conditions.items() <= dict(it.dimensions).items()
        ]  # fmt: skip
        function = _FUNCTIONS[parsed["function"]]
        if not parsed["group"]:
            return [_pointwise(function, found)] if found else []
        groups: dict[str, list[Series]] = {}
        for each in found:
            if parsed["group"] in dict(each.dimensions):
                groups.setdefault(dict(each.dimensions)[parsed["group"]], []).append(each)
        made = [
            replace(_pointwise(function, members), label=value, dimensions=((parsed["group"], value),))
            for value, members in groups.items()
        ]
        if parsed["order"]:
            made.sort(key=lambda it: function(it.known or [0]), reverse=True)
        return made[: int(parsed["limit"] or 500)]

    def search(self, query: str) -> list[Series]:
        """What a search expression finds: exact terms, joined by spaces or OR, and one pair of parentheses."""
        assert len(query) <= 1024, len(query)
        outside, _, inside = query.rstrip(")").partition("(")
        either = [_TERM.fullmatch(each.strip()) for each in inside.split(" OR ")] if inside else []
        every = [_TERM.fullmatch(each) for each in outside.split()]
        assert all(either), inside
        assert all(every), outside
        return [
            it for it in self.metrics
            if all(_has(it, term) for term in every) and (not either or any(_has(it, term) for term in either))
        ]  # fmt: skip

    def graph(self, properties: Mapping[str, Any]) -> list[Series]:
        """The lines of a metric widget."""
        ids: dict[str, Result] = {}
        raw: list[Series] = []
        shown: list[Series] = []
        before: list[str] = []
        searches = queries = 0
        for entry in properties["metrics"]:
            *words, options = entry if isinstance(entry[-1], dict) else [*entry, {}]
            expression = options.get("expression")
            if expression is None:
                before = [old if new == "." else new for new, old in zip(words, [*before, *words], strict=False)]
                namespace, name, *pairs = before
                assert len(pairs) % 2 == 0, entry
                found = self.metric(namespace, name, zip(pairs[::2], pairs[1::2], strict=True))
                line = replace(found or Series(values=()), label=options.get("label") or pairs[-1])
                raw += [line] if found else []
                made: Result = line
            elif expression.startswith("SELECT"):
                queries += 1
                found_here = self.insights(expression)
                made = found_here if "GROUP BY" in expression or not found_here else found_here[0]
            else:
                searches += expression.count("SEARCH(")
                made = self._math(ast.parse(expression, mode="eval").body, ids, raw)
            assert not isinstance(made, float), f"a graph takes no single number: {expression}"
            assert options.get("id") not in ids, entry
            ids[options.get("id", f"unnamed{len(ids)}")] = made
            if options.get("visible", True):
                lines = made if isinstance(made, list) else [made]
                shown += [replace(it, label=_labelled(options.get("label"), it)) for it in lines]
        assert searches <= 5, f"{searches} searches in one graph"
        assert queries <= 1, f"{queries} queries in one graph"
        return [it for it in shown if it.known]

    def _math(self, node: ast.expr, ids: Mapping[str, Result], raw: list[Series]) -> Result:
        match node:
            case ast.Constant(value=int() | float() as value):
                return float(value)
            case ast.Name(id=name):
                return ids[name]
            case ast.List(elts=items):
                members = [self._math(each, ids, raw) for each in items]
                return [each for each in members if isinstance(each, Series)]
            case ast.BinOp(left=left, op=op, right=right):
                return _calculated(_OPERATORS[type(op)], self._math(left, ids, raw), self._math(right, ids, raw))
            case ast.Call(func=ast.Name(id="METRICS"), args=[]):
                return raw
            case ast.Call(func=ast.Name(id="SEARCH"), args=[ast.Constant(value=str() as query), ast.Constant(), _]):
                return self.search(query)
            case ast.Call(
                func=ast.Name(id="SORT"),
                args=[of, ast.Name(id=function), ast.Name(id="DESC"), ast.Constant(value=int() as limit)],
            ):
                lines = self._math(of, ids, raw)
                assert isinstance(lines, list), "SORT takes several series"
                return sorted(lines, key=lambda it: _FUNCTIONS[function](it.known or [0]), reverse=True)[:limit]
            case ast.Call(func=ast.Name(id=("SUM" | "MAX") as function), args=[of]):
                lines = self._math(of, ids, raw)
                if isinstance(lines, Series):
                    return _FUNCTIONS[function](lines.known or [0])
                assert isinstance(lines, list)
                return _pointwise(_FUNCTIONS[function], lines)
        raise AssertionError(f"not an expression that is known here: {ast.unparse(node)}")

    def in_alarm(self, alarm: Alarm) -> list[str]:
        """Who is in alarm: nobody, the alarm itself (an empty text), or contributors by their name."""
        if isinstance(alarm.measured, Metric):
            it = alarm.measured
            found = [self.metric(it.namespace, it.name, it.dimensions) or Series(values=(None,) * alarm.periods)]
        else:
            found = self.insights(alarm.measured.text)
        return [it.label for it in found if _breaches(alarm, it.values)]


def _breaches(alarm: Alarm, values: Values) -> bool:
    last = values[-alarm.periods :]
    compare = operator.gt if alarm.comparison == "GreaterThanThreshold" else operator.lt
    if alarm.missing == "ignore" and None in last:
        return False  # it stays as it was
    absent = alarm.missing == "breaching"
    breaching = [absent if it is None else bool(compare(it, alarm.threshold)) for it in last]
    return breaching.count(True) >= alarm.breaching


_QUERY: Final = re.compile(
    r"SELECT (?P<function>\w+)\((?P<metric>\w+)\) FROM "
    r'(?:SCHEMA\()?"(?P<namespace>[^"]+)"(?P<schema>(?:, \w+)*)\)?'
    r"(?: WHERE (?P<where>.+?))?(?: GROUP BY (?P<group>\w+))?"
    r"(?: ORDER BY (?P<order>\w+)\(\) DESC)?(?: LIMIT (?P<limit>\d+))?"
)
_CONDITION: Final = re.compile(r"(?P<key>\w+) = '(?P<value>[^']+)'")
_TERM: Final = re.compile(r'(?P<key>\w+)="(?P<value>[^"\\()]+)"')
_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Add: operator.add, ast.Sub: operator.sub,
}  # fmt: skip


def _has(it: Series, term: re.Match[str] | None) -> bool:
    assert term
    known = dict(it.dimensions) | {"Namespace": it.namespace, "MetricName": it.name}
    return known.get(term["key"]) == term["value"]


def _pointwise(function: Callable[[Iterable[float]], float], lines: Sequence[Series]) -> Series:
    length = max((len(it.values) for it in lines), default=0)
    points = [[it.values[at] for it in lines if at < len(it.values)] for at in range(length)]
    known = [[value for value in point if value is not None] for point in points]
    return Series(values=tuple(function(point) if point else None for point in known))


def _calculated(how: Callable[[float, float], float], left: Result, right: Result) -> Result:
    if isinstance(left, float) and isinstance(right, float):
        return how(left, right)
    left, right = (Series(values=()) if each == [] else each for each in (left, right))
    if isinstance(left, float):
        assert isinstance(right, Series)
        return replace(right, values=tuple(None if it is None else how(left, it) for it in right.values))
    assert isinstance(left, Series)
    assert isinstance(right, float)
    return replace(left, values=tuple(None if it is None else how(it, right) for it in left.values))


def _labelled(label: str | None, line: Series) -> str:
    """The label of a line: `${PROP('Dim.NAME')}` is the value of a dimension."""
    if label is None or label == "":
        return line.label or (line.dimensions[-1][1] if line.dimensions else "")
    return re.sub(r"\$\{PROP\('Dim\.(\w+)'\)\}", lambda it: dict(line.dimensions)[it[1]], label)
