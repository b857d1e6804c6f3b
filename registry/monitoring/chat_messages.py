"""A message as a chat shows it: Amazon Q Developer in chat applications drops what is not of its own form.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
https://github.com/DataBiosphere/azul/pull/5447
"""

from __future__ import annotations

import json
import re

from registry.monitoring.events import Watched


def chat_message(registry: str, event: Watched) -> str:
    """The template of a custom notification.

    The title has no values, so that it is never too long. Every value stands within a text, where one that an event
    lacks is empty and the message stays JSON.
    """
    content = {
        "textType": "client-markdown",
        "title": f"{registry}: {event.about}",
        "description": "\n".join(_lines(event)),
    }
    return json.dumps({"version": "1.0", "source": "custom", "content": content})


def chat_values(event: Watched) -> dict[str, str]:
    """Where in an event the values of its template stand, as JSON paths."""
    known = {**event.values, **event.chat_values, **event.where}
    return {name: known[name] for name in re.findall("<([a-z]+)>", "\n".join(_lines(event)))}


def _lines(event: Watched) -> tuple[str, ...]:
    return event.chat or event.told
