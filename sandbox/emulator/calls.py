"""ECR's registry-wide calls, which ministack does not know or answers with a constant.

Each function of the table names its page of the API reference.
"""

from collections.abc import Callable

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecr

from sandbox.emulator import (
    account_settings,
    api_access,
    backfills,
    images,
    oci_auth,
    prefixes,
    public_repositories,
    replication,
    scanning,
    settings,
)
from sandbox.emulator.answers import Answer, Json

CALLS: dict[str, Callable[[Json], Answer]] = {
    "BatchGetRepositoryScanningConfiguration": scanning.batch_get_repository_scanning_configuration,
    "CreatePullThroughCacheRule": prefixes.CACHE_RULES.create,
    "CreateRepositoryCreationTemplate": prefixes.TEMPLATES.create,
    "DeletePullThroughCacheRule": prefixes.CACHE_RULES.delete,
    "DeleteRegistryPolicy": settings.delete_registry_policy,
    "DeleteRepositoryCreationTemplate": prefixes.TEMPLATES.delete,
    "DeleteSigningConfiguration": settings.delete_signing_configuration,
    "DeregisterPullTimeUpdateExclusion": settings.deregister_pull_time_update_exclusion,
    "DescribeImageReplicationStatus": replication.describe_image_replication_status,
    "DescribeImageScanFindings": scanning.describe_image_scan_findings,
    "DescribeImageSigningStatus": images.describe_image_signing_status,
    "DescribePullThroughCacheRules": prefixes.CACHE_RULES.describe,
    "DescribeRegistry": settings.describe_registry,
    "DescribeReplicationBackfillResults": backfills.describe_replication_backfill_results,
    "DescribeRepositoryCreationTemplates": prefixes.TEMPLATES.describe,
    "GetAccountSetting": account_settings.get_account_setting,
    "GetRegistryPolicy": settings.get_registry_policy,
    "GetRegistryScanningConfiguration": settings.get_registry_scanning_configuration,
    "GetSigningConfiguration": settings.get_signing_configuration,
    "ListImageReferrers": images.list_image_referrers,
    "ListPullTimeUpdateExclusions": settings.list_pull_time_update_exclusions,
    "ListReplicationBackfills": backfills.list_replication_backfills,
    "PutAccountSetting": account_settings.put_account_setting,
    "PutRegistryPolicy": settings.put_registry_policy,
    "PutRegistryScanningConfiguration": settings.put_registry_scanning_configuration,
    "PutReplicationConfiguration": settings.put_replication_configuration,
    "PutSigningConfiguration": settings.put_signing_configuration,
    "RegisterPullTimeUpdateExclusion": settings.register_pull_time_update_exclusion,
    "StartReplicationBackfill": backfills.start_replication_backfill,
    "StopReplicationBackfill": backfills.stop_replication_backfill,
    "UpdateImageStorageClass": images.update_image_storage_class,
    "UpdatePullThroughCacheRule": prefixes.CACHE_RULES.update,
    "UpdateRepositoryCreationTemplate": prefixes.TEMPLATES.update,
    "ValidatePullThroughCacheRule": prefixes.validate_pull_through_cache_rule,
}

_stock_handle_request = ecr.handle_request
_stock_reset = ecr.reset


async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Json) -> Answer:
    """Answer the calls of the table and leave the others to ministack, in the registry that `registryId` names."""
    action, data = api_access.action_of(headers), api_access.data_of(body)
    if action == "GetAuthorizationToken":
        return oci_auth.get_authorization_token(headers, query_params)
    refused = api_access.refused(headers, query_params, data)
    if refused is not None:
        return refused
    with request_scope(data.get("registryId", get_account_id()), get_region()):
        if action in CALLS:
            return CALLS[action](data)
        answered: Answer = await _stock_handle_request(method, path, headers, body, query_params)
        return answered


def reset() -> None:
    """Forget the registry settings too when ministack forgets its state."""
    _stock_reset()
    for setting in (*settings.ALL, account_settings.SETTINGS):
        setting.forget()
    for table in prefixes.ALL:
        table.live.clear()
    replication.reset()
    public_repositories.LIVE.clear()
    backfills.reset()


def install() -> None:
    """Stand before ministack's own table of calls."""
    ecr.handle_request = handle_request
    ecr.reset = reset
