"""What a registry has once per account and region: scanning, replication, its policy, signing.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings.html
"""

import copy
import json

from ministack.core.responses import AccountRegionScopedDict, get_account_id

from sandbox.emulator.answers import Answer, Json, answer, refusal


class Setting:
    """One setting of the registry that the current request is for.

    AWS answers a default where nobody set one, so "set" means: differs from the default.
    """

    def __init__(self, default: Json) -> None:
        self._default = default
        self._live = AccountRegionScopedDict()

    def get(self) -> Json:
        """What is live, as ECR's API writes it; the caller may change the copy."""
        live: Json = self._live.get("live", self._default)
        return copy.deepcopy(live)

    def put(self, value: Json) -> None:
        """Replace the whole setting, as AWS's Put calls do."""
        self._live["live"] = copy.deepcopy(value)

    def is_set(self) -> bool:
        """Whether it differs from AWS's default."""
        return self.get() != self._default

    def reset(self) -> None:
        """Back to AWS's default, in this registry."""
        self._live.pop("live", None)

    def forget(self) -> None:
        """Back to AWS's default, in every registry."""
        self._live.clear()


SCANNING = Setting({"scanType": "BASIC", "rules": []})
REPLICATION = Setting({"rules": []})
# These two are not there at all until someone puts them.
POLICY = Setting({})
SIGNING = Setting({})
EXCLUSIONS = Setting({"arns": []})
ALL = (SCANNING, REPLICATION, POLICY, SIGNING, EXCLUSIONS)


def put_registry_scanning_configuration(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html

    "When a registry scanning configuration is not defined, by default the BASIC scan type is used."
    """
    SCANNING.put({"scanType": data.get("scanType", "BASIC"), "rules": data.get("rules", [])})
    return answer({"registryScanningConfiguration": SCANNING.get()})


def get_registry_scanning_configuration(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRegistryScanningConfiguration.html"""
    return answer({"registryId": get_account_id(), "scanningConfiguration": SCANNING.get()})


def put_replication_configuration(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutReplicationConfiguration.html"""
    REPLICATION.put(data["replicationConfiguration"])
    return answer({"replicationConfiguration": REPLICATION.get()})


def describe_registry(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRegistry.html

    ministack answers no rules whatever was put.
    """
    return answer({"registryId": get_account_id(), "replicationConfiguration": REPLICATION.get()})


def put_registry_policy(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryPolicy.html

    Of the checks only the first is made: that the text is a JSON object.
    """
    try:
        valid = isinstance(json.loads(data["policyText"]), dict)
    except ValueError:
        valid = False
    if not valid:
        return refusal(
            "InvalidParameterException",
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid registry policy provided'",
        )
    POLICY.put({"policyText": data["policyText"]})
    return get_registry_policy({})


def get_registry_policy(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRegistryPolicy.html"""
    if not POLICY.is_set():
        return refusal(
            "RegistryPolicyNotFoundException",
            f"Registry policy does not exist in the registry with id '{get_account_id()}'",
        )
    return answer({"registryId": get_account_id(), **POLICY.get()})


def delete_registry_policy(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRegistryPolicy.html"""
    deleted = get_registry_policy({})
    POLICY.reset()
    return deleted


def put_signing_configuration(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutSigningConfiguration.html

    Nothing is signed: the emulator has no AWS Signer.
    """
    SIGNING.put(data["signingConfiguration"])
    return answer({"signingConfiguration": SIGNING.get()})


def get_signing_configuration(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetSigningConfiguration.html"""
    if not SIGNING.is_set():
        return refusal(
            "SigningConfigurationNotFoundException",
            f"Signing configuration does not exist in the registry with id '{get_account_id()}'",
        )
    return answer({"registryId": get_account_id(), "signingConfiguration": SIGNING.get()})


def delete_signing_configuration(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteSigningConfiguration.html"""
    deleted = get_signing_configuration({})
    SIGNING.reset()
    return deleted


def register_pull_time_update_exclusion(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegisterPullTimeUpdateExclusion.html

    Whose pulls are recorded makes no difference here: the emulator records none.
    """
    arn = data["principalArn"]
    if arn in EXCLUSIONS.get()["arns"]:
        return refusal("ExclusionAlreadyExistsException", f"The exclusion of '{arn}' already exists")
    EXCLUSIONS.put({"arns": sorted([*EXCLUSIONS.get()["arns"], arn])})
    return answer({"principalArn": arn})


def deregister_pull_time_update_exclusion(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeregisterPullTimeUpdateExclusion.html"""
    arn = data["principalArn"]
    if arn not in EXCLUSIONS.get()["arns"]:
        return refusal("ExclusionNotFoundException", f"The exclusion of '{arn}' does not exist")
    EXCLUSIONS.put({"arns": [it for it in EXCLUSIONS.get()["arns"] if it != arn]})
    return answer({"principalArn": arn})


def list_pull_time_update_exclusions(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListPullTimeUpdateExclusions.html"""
    return answer({"pullTimeUpdateExclusions": EXCLUSIONS.get()["arns"]})
