"""What `ecrctl usage --json` prints can be read again: nothing is lost."""

from __future__ import annotations

from ops.output.usage import as_dict
from ops.terminal import as_json
from ops.usage.reading import Answered, Question
from registry.locations import Location
from registry.usage.saved import read
from tests.registry.usage.naive import AT, NOW, SINCE, counted, image


def test_what_was_printed_is_what_is_read() -> None:
    images = [image((1, 500), (2, 5), tag=f"v{it}", days=it * 50, pulled=it, fate="expires") for it in range(3)]
    cold = image((9, 400), archived=True, read=False)
    usage = counted({"web/api": [*images, cold], "data/etl": []})
    found = Answered(registries=(usage,), recorded=(), were_read=(AT,), spared=())
    question = Question(locations=(AT,), chosen=lambda name, owner: True, since=SINCE, now=NOW)
    other = Location("210987654321", "us-west-2")
    again = read(as_json(as_dict(found, question, [other], "declared")).encode(), "usage.json")
    assert again.registries == (usage,)
    assert (again.as_of, again.new_since, again.unpulled_since) == (NOW, SINCE.new, SINCE.used)
    assert again.not_asked == (str(other),)
