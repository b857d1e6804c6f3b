"""KMS keys of repositories: named by alias or id, described by ARN; and an alias that is taken stays with its key.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EncryptionConfiguration.html
"The alias, key ID, or full ARN of the KMS key can be specified. The key must exist in the same Region as the
repository."
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-alias.html
"""

from ministack.services import kms
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Json

ALIAS = "AWS::KMS::Alias"

_stock_create_alias = provisioners._kms_alias_create


def arn_of(key: str) -> str | None:
    """The ARN of a key given by alias, id or ARN; None where no such key exists here.

    The ARN of a key that does not exist is taken as it is, because a file may name a key that only its account has.
    """
    found = kms._resolve_key(key)
    if found is not None:
        arn: str = found["Arn"]
        return arn
    return key if ":key/" in key else None


def create_alias(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
    """Refuse an alias that is taken, as CreateAlias does with AlreadyExistsException; ministack would move it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    name = properties.get("AliasName", "")
    if kms._alias_arn(name) in kms._aliases:
        raise ValueError(f"Resource of type '{ALIAS}' with identifier '{name}' already exists.")
    created: tuple[str, Json] = _stock_create_alias(logical_id, properties, stack_name)
    return created


def install() -> None:
    """Replace the creation of aliases; repositories.py asks for the keys."""
    provisioners._kms_alias_create = create_alias  # looked up by ministack when an alias is renamed
    provisioners._RESOURCE_HANDLERS[ALIAS]["create"] = create_alias
