"""Which repositories the registry's scanning rules reach. Nothing is scanned.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
"""

from fnmatch import fnmatchcase

from ministack.services import ecr

from sandbox.emulator import images
from sandbox.emulator.answers import Answer, Json, answer, refusal, repository_not_found
from sandbox.emulator.settings import SCANNING

# The stronger one wins where rules of both kinds match; MANUAL is what is left where none does.
_FREQUENCIES = ("CONTINUOUS_SCAN", "SCAN_ON_PUSH")


def filter_matches(repository_name: str, scan_filter: str) -> bool:
    """Whether a rule's filter reaches a repository.

    "A filter with no wildcard will match all repository names that contain the filter."
    A filter has no character that means anything to fnmatch but `*`.
    """
    if "*" not in scan_filter:
        return scan_filter in repository_name
    return fnmatchcase(repository_name, scan_filter)


def batch_get_repository_scanning_configuration(data: Json) -> Answer:
    """What the registry's rules come to, repository by repository.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetRepositoryScanningConfiguration.html
    """
    configurations: list[Json] = []
    failures: list[Json] = []
    for name in data["repositoryNames"]:
        repository = ecr._repositories.get(name)
        if repository is None:
            failures.append(
                {
                    "repositoryName": name,
                    "failureCode": "REPOSITORY_NOT_FOUND",
                    "failureReason": f"The repository with name '{name}' does not exist",
                }
            )
        else:
            configurations.append(_configuration_of(repository))
    return answer({"scanningConfigurations": configurations, "failures": failures})


def _configuration_of(repository: Json) -> Json:
    name = repository["repositoryName"]
    applied: dict[str, list[Json]] = {frequency: [] for frequency in _FREQUENCIES}
    for rule in SCANNING.get()["rules"]:
        matching = [each for each in rule["repositoryFilters"] if filter_matches(name, each["filter"])]
        applied.setdefault(rule["scanFrequency"], []).extend(matching)
    frequency = next((each for each in _FREQUENCIES if applied[each]), "MANUAL")
    return {
        "repositoryArn": repository["repositoryArn"],
        "repositoryName": name,
        "scanOnPush": frequency == "SCAN_ON_PUSH",
        "scanFrequency": frequency,
        "appliedScanFilters": applied.get(frequency, []),
    }


def describe_image_scan_findings(data: Json) -> Answer:
    """No scan of any image.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html (ScanNotFoundException)
    """
    name, image_id = data.get("repositoryName", ""), data["imageId"]
    if name not in ecr._repositories:
        return repository_not_found(name)
    if ecr._find_image(name, image_id) is None:
        return images.image_not_found(name, image_id)
    return refusal("ScanNotFoundException", f"Image scan does not exist for the image with '{image_id}' in '{name}'")
