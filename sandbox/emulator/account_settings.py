"""Account settings, which have no CloudFormation type, and the one of them that changes what a push does.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
That blob mounting is off until someone enables it is our reading of the second page.
"""

from typing import Any

from ministack.services import ecr

from sandbox.emulator.answers import Answer, Json, answer, refusal
from sandbox.emulator.settings import Setting

# "The name of the account setting", and its valid values; the first is the default.
VALUES = {
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE",),
    "REGISTRY_POLICY_SCOPE": ("V2",),
    "BLOB_MOUNTING": ("DISABLED", "ENABLED"),
}
SETTINGS = Setting({name: values[0] for name, values in VALUES.items()})

_stock_start_blob_upload = ecr._v2_start_blob_upload


def put_account_setting(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html"""
    name, value = data["name"], data["value"]
    if value not in VALUES.get(name, ()):
        return _invalid(name if name not in VALUES else value)
    SETTINGS.put({**SETTINGS.get(), name: value})
    return answer({"name": name, "value": value})


def get_account_setting(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAccountSetting.html"""
    name = data["name"]
    return answer({"name": name, "value": SETTINGS.get()[name]}) if name in VALUES else _invalid(name)


def _invalid(given: str) -> Answer:
    return refusal("InvalidParameterException", f"Invalid parameter: '{given}' is not an account setting or its value")


def start_blob_upload(name: str, query_params: Json, body: bytes) -> Any:
    """Mount a layer of another repository only where the setting is on and both are encrypted alike.

    "Repositories must use identical encryption type and keys." Otherwise the client is asked to upload it.
    https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository
    """
    if "mount" in query_params and not _may_mount(name, ecr._query_first(query_params, "from")):
        query_params = {key: value for key, value in query_params.items() if key not in ("mount", "from")}
    return _stock_start_blob_upload(name, query_params, body)


def _may_mount(name: str, source: str | None) -> bool:
    here, there = ecr._repositories.get(name), ecr._repositories.get(source)
    if here is None or there is None or SETTINGS.get()["BLOB_MOUNTING"] != "ENABLED":
        return False
    return bool(here["encryptionConfiguration"] == there["encryptionConfiguration"])


def install() -> None:
    """Stand before the start of an upload."""
    ecr._v2_start_blob_upload = start_blob_upload
