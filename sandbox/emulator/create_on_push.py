"""A push to a repository that does not exist, where a creation template is applied for CREATE_ON_PUSH.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html
"The Amazon ECR repository must exist before you push the image, or you must have a repository creation template
defined". That the caller needs `ecr:CreateRepository` on the new repository is our reading; so is that ECR's own
API, PutImage and InitiateLayerUpload, creates nothing.
"""

from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecr

from sandbox.emulator import creation
from sandbox.emulator.access import refusal_of
from sandbox.emulator.answers import body_of

# The first request of a push that is refused where there is no repository; a HEAD before it finds nothing.
_FIRST = {("blob_uploads", "POST"), ("manifest", "PUT")}


def prepare(caller: tuple[str, str] | None, method: str, path: str, host: str) -> Any:
    """Create the repository a push needs; the refusal of the push, or None where it goes on.

    :param caller: access key and account, or None where IAM is off.
    """
    parsed = ecr._parse_v2_path(path)
    if parsed is None or (parsed[0], method.upper()) not in _FIRST:
        return None
    name = parsed[1]
    owner, region = ecr._registry_scope_hint(host) or (get_account_id(), get_region())
    with request_scope(owner, region):
        template = creation.template_for(name, "CREATE_ON_PUSH")
        if template is None or name in ecr._repositories:
            return None
        refused = caller and refusal_of(*caller, "ecr:CreateRepository", owner, region, name)
        if refused:
            return ecr._registry_error(403, "DENIED", refused)
        created = creation.create(name, template)
    return None if created[0] == 200 else ecr._registry_error(400, "NAME_INVALID", body_of(created)["message"])
