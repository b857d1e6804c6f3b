"""Services that ministack does not have, and takes for Amazon S3: what is asked of them is answered as by AWS.

CodePipeline has nothing here: every call says so, in the words that AWS has for an operation that it does not know.
Of chats what CloudFormation made is told: https://docs.aws.amazon.com/chatbot/latest/APIReference/API_Operations.html
"""

from typing import Any, Final

from ministack import app
from ministack.core import router

from sandbox.emulator import chat_types
from sandbox.emulator.answers import Answer, Json, answer, refusal

#: By name how a request to it is known, besides by the service that it is signed for.
_SERVICES: Final[Json] = {
    "chatbot": {"host_patterns": [r"chatbot\."], "credential_scope": "chatbot"},
    "codepipeline": {
        "target_prefixes": ["CodePipeline_20150709"],
        "host_patterns": [r"codepipeline\."],
        "credential_scope": "codepipeline",
    },
}


async def codepipeline(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any) -> Answer:
    """There is none."""
    return refusal("UnknownOperationException", "There is no CodePipeline here")


async def chatbot(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any) -> Answer:
    """The configurations of the account."""
    if path == "/describe-slack-channel-configurations":
        return answer({"SlackChannelConfigurations": chat_types.configurations("slack-channel")})
    if path == "/list-ms-teams-channel-configurations":
        return answer({"TeamChannelConfigurations": chat_types.configurations("microsoft-teams-channel")})
    return refusal("UnknownOperationException", f"{path} is not known here")


def install() -> None:
    """Add them to what ministack serves."""
    router.SERVICE_PATTERNS.update(_SERVICES)
    app.SERVICE_HANDLERS.update({"chatbot": chatbot, "codepipeline": codepipeline})
