"""Repositories that ECR creates itself, by the registry's creation templates.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html
"""

from ministack.services import ecr

from sandbox.emulator.answers import Answer, Json, refusal
from sandbox.emulator.prefixes import TEMPLATES

_ROOT = "ROOT"


def template_for(repository_name: str, scenario: str) -> Json | None:
    """The template of the longest prefix among those applied for the scenario; ROOT comes last.

    "There is always an assumed `/` applied to the end of the prefix", so `prod` is not for a repository `prod`.
    That a longer prefix that is not applied for the scenario hides nothing is our reading.

    :param scenario: REPLICATION or CREATE_ON_PUSH.
    """
    matching: list[Json] = [
        entry
        for prefix, entry in TEMPLATES.live.items()
        if scenario in entry["appliedFor"]
        and (prefix == _ROOT or repository_name.startswith(prefix.removesuffix("/") + "/"))
    ]
    return max(matching, key=lambda each: 0 if each["prefix"] == _ROOT else len(each["prefix"]), default=None)


def create(repository_name: str, template: Json | None) -> Answer:
    """Create a repository in the current registry with a template's settings.

    Without a template it is mutable, unscanned and AES256, without policies or tags. With tags or KMS a template
    needs a role of its own, "if you intend to use KMS keys, resource tags, or a combination of both"; whether the
    role exists and may do it is not asked.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html
    """
    settings = template or {}
    encryption = settings.get("encryptionConfiguration", {"encryptionType": "AES256"})
    tags = settings.get("resourceTags", [])
    if (tags or encryption["encryptionType"] != "AES256") and not settings.get("customRoleArn"):
        return refusal(
            "InvalidParameterException",
            f"The creation template '{settings['prefix']}' has tags or a KMS key, and no role to create them with",
        )
    created: Answer = ecr._create_repository(
        {
            "repositoryName": repository_name,
            "imageTagMutability": settings.get("imageTagMutability", "MUTABLE"),
            "imageTagMutabilityExclusionFilters": settings.get("imageTagMutabilityExclusionFilters", []),
            "encryptionConfiguration": encryption,
            "tags": list(tags),
        }
    )
    if created[0] == 200:
        named = {"repositoryName": repository_name}
        if settings.get("lifecyclePolicy"):
            ecr._put_lifecycle_policy({**named, "lifecyclePolicyText": settings["lifecyclePolicy"]})
        if settings.get("repositoryPolicy"):
            ecr._set_repository_policy({**named, "policyText": settings["repositoryPolicy"]})
    return created
