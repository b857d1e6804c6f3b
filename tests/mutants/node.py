"""The CDK's JavaScript for forks: each has a Node of its own, since a pipe has one user at a time."""

from __future__ import annotations

import os
from typing import Any

from jsii._kernel.providers.process import ProcessProvider, _NodeProcess
from jsii._kernel.types import LoadRequest, LoadResponse
from jsii._runtime import kernel


class NodeOfEachFork(ProcessProvider):
    """Starts Node where a process first needs it, and loads there what was loaded before the fork."""

    def __init__(self) -> None:
        self.loaded: list[LoadRequest] = []
        self.node: Any = None
        self.owner = 0

    @property
    def _process(self) -> Any:
        if self.owner != os.getpid():
            node: Any = _NodeProcess  # jsii's own types say nothing of it
            self.owner, self.node = os.getpid(), node()
            self.node.start()
            for request in self.loaded:
                self.node.send(request, LoadResponse)
        return self.node

    def load(self, request: LoadRequest) -> LoadResponse:
        """Load a package, and remember it."""
        answer: LoadResponse = self._process.send(request, LoadResponse)
        self.loaded.append(request)
        return answer


def use() -> None:
    """Before anything of the CDK is imported."""
    kernel.provider = NodeOfEachFork()
