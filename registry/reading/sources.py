"""The root file and the team files it includes, as read: where things stand, before what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from registry.findings import TEAM_FILE, Finding, Position, YamlPath
from registry.reading.document import Document


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """All files of one registry, team files by name, and what was refused while gathering them."""

    root: Document
    teams: Mapping[str, Document] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def position(self, place: YamlPath, *, key: bool = False) -> Position:
        """Where the value at a place stands (or its key)."""
        document, path = self._within(place)
        return document.position(path, key=key)

    def has(self, place: YamlPath) -> bool:
        """Whether a place is written."""
        if len(place) > 1 and place[0] == TEAM_FILE and place[1] not in self.teams:
            return False
        document, path = self._within(place)
        return document.node(path) is not None

    def _within(self, place: YamlPath) -> tuple[Document, Sequence[str | int]]:
        if len(place) > 1 and place[0] == TEAM_FILE:
            return self.teams[str(place[1])], place[2:]
        return self.root, place
