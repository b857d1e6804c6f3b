"""Search expressions: metrics of AWS/Usage for graphs, by the dimensions that are known of them.

For the same reason as the queries of metrics.py. Alarms take no search expression.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

#: Characters of one search, and searches in one graph (page above, "Search expression limits").
SEARCH_LENGTH: Final = 1024
SEARCHES: Final = 5
_OF_ECR: Final = 'Namespace="AWS/Usage" Service="ECR"'


def images_of(repositories: Sequence[str]) -> list[str]:
    """Searches that find the number of images in each of these repositories, as few as their length allows.

    A name that is near the limit by itself, which ECR's 256 characters do not allow, would be a search too long.
    """
    before = f'{_OF_ECR} MetricName="ResourceCount" Resource="ImagesPerRepositoryCount" ('
    return [
        f"SEARCH('{before}{' OR '.join(part)})', 'Maximum', 3600)" for part in _parts(repositories, len(before) + 1)
    ]


def _parts(repositories: Sequence[str], used: int) -> Iterator[list[str]]:
    part: list[str] = []
    length = used
    for name in repositories:
        term = f'ResourceId="repository/{name}"'
        if part and length + len(term) + 4 > SEARCH_LENGTH:
            yield part
            part, length = [], used
        part.append(term)
        length += len(term) + 4
    if part:
        yield part


def usage_of(action: str, period: int) -> str:
    """A search that finds how often an action of the API is called in so many seconds."""
    return f'SEARCH(\'{_OF_ECR} MetricName="CallCount" Type="API" Resource="{action}"\', \'Sum\', {period})'
