"""The layers of a registry, each once, in columns: what is remembered of a million images is what they are made of.

An image is forgotten as soon as it was added.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import Final

from registry.usage.images import UsedImage
from registry.usage.totals import BaseUsage, LayerUsage

_PREFIX: Final = "sha256:"
_NOTHING: Final = -1


class LayerTable:
    """Every layer by its number, which its digest gets when it is first seen."""

    def __init__(self) -> None:
        self.sizes = array("q")
        self._numbers: dict[bytes | str, int] = {}
        self._images = array("q")
        self._repositories = array("q")
        self._examples: list[str] = []
        self._stacks = _Stacks()

    def __len__(self) -> int:
        return len(self.sizes)

    def add(self, image: UsedImage) -> list[int]:
        """The numbers of an image's layers and of its configuration, each once.

        A size that is said twice in two ways is the larger one.
        """
        layers = image.layers or ()
        found = [self._number(digest, size, image.reference) for digest, size in layers]
        if found:
            self._stacks.add(found, image, self.sizes)
        if image.config is not None:
            found.append(self._number(*image.config, image.reference))
        numbers = found if len(set(found)) == len(found) else list(dict.fromkeys(found))
        for number in numbers:
            self._images[number] += 1
        return numbers

    def _number(self, digest: str, size: int, reference: str) -> int:
        key = _key(digest)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.sizes)
            self.sizes.append(size)
            self._images.append(0)
            self._repositories.append(0)
            self._examples.append(reference)
        elif size > self.sizes[number]:
            self.sizes[number] = size
        return number

    def kept_in_one_more(self, numbers: Iterable[int]) -> None:
        """A repository has these layers."""
        for number in numbers:
            self._repositories[number] += 1

    def total(self) -> int:
        """Bytes of all that a repository has, each once."""
        return sum(size for size, having in zip(self.sizes, self._repositories, strict=True) if having)

    def largest(self, most: int) -> Iterator[LayerUsage]:
        """Those that take the most room, each once in each repository."""
        having = (it for it in range(len(self)) if self._repositories[it])
        chosen = set(nlargest(most, having, lambda it: (self.sizes[it] * self._repositories[it], -it)))
        digests = {number: key for key, number in self._numbers.items() if number in chosen}
        named = {number: _digest(digests[number]) for number in chosen}
        for number in sorted(chosen, key=lambda it: (-self.sizes[it] * self._repositories[it], named[it])):
            yield LayerUsage(
                digest=named[number],
                size=self.sizes[number],
                images=self._images[number],
                repositories=self._repositories[number],
                example=self._examples[number],
            )

    def bases(self, most: int) -> Iterator[BaseUsage]:
        """The stacks of layers that save the most by being shared: several images begin with them, and then differ."""
        yield from self._stacks.bases(self._examples, most)


class _Stacks:
    """The layers that images begin with: of each layer the stack that it was first seen to end, itself included.

    So they are as many as the layers. A layer that stands on several stacks ends one of them here; what stands on it is
    told apart by the whole stack all the same.
    """

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}  # the place here by the number of the layer
        self._stacks = array("q")
        self._below = array("q")
        self._tops = array("q")
        self._beyond = array("q")  # images that go on with a layer which ends another stack here
        self._heights = array("q")
        self._sizes = array("q")
        self._images = array("q")
        self._names: dict[int, str] = {}

    def add(self, layers: list[int], image: UsedImage, sizes: array[int]) -> None:
        """An image that consists of these layers, from the bottom up."""
        stack, size, below, at = 0, 0, _NOTHING, _NOTHING
        for height, layer in enumerate(layers, start=1):
            stack, size = hash((stack, layer)), size + sizes[layer]
            at = self._ends.get(layer, _NOTHING)
            if at == _NOTHING:
                at = self._ends[layer] = len(self._stacks)
                self._stacks.append(stack)
                self._below.append(below)
                self._tops.append(layer)
                self._heights.append(height)
                self._sizes.append(size)
                self._images.append(0)
                self._beyond.append(0)
            elif self._stacks[at] != stack:
                if below != _NOTHING:
                    self._beyond[below] += 1
                at = _NOTHING
            if at != _NOTHING:
                self._images[at] += 1
            below = at
        if image.tagged and at != _NOTHING:
            self._names.setdefault(at, image.reference)

    def bases(self, examples: list[str], most: int) -> Iterator[BaseUsage]:
        """Where images fork: fewer of them have any one layer more."""
        images, sizes = self._images, self._sizes
        above = array("q", self._beyond)
        for at, below in enumerate(self._below):
            if below != _NOTHING:
                above[below] = max(above[below], images[at])
        forks = (at for at in range(len(images)) if images[at] > max(1, above[at]))
        for at in nlargest(most, forks, lambda it: (sizes[it] * (images[it] - 1), -it)):
            yield BaseUsage(
                layers=self._heights[at],
                size=sizes[at],
                images=images[at],
                name=self._names.get(at, ""),
                example=examples[self._tops[at]],
            )


def _key(digest: str) -> bytes | str:
    """A digest in half the room; one that is no SHA-256 as it is."""
    if digest.startswith(_PREFIX) and len(digest) == len(_PREFIX) + 64:
        try:
            return bytes.fromhex(digest[len(_PREFIX) :])
        except ValueError:
            return digest
    return digest


def _digest(key: bytes | str) -> str:
    return key if isinstance(key, str) else _PREFIX + key.hex()
