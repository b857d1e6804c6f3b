"""All the patches, in one list.

Every module keeps the function it replaces from the moment it is imported, so all are imported before the
first is installed.
"""

from sandbox.emulator import (
    absent,
    account_settings,
    api_access,
    archive,
    calls,
    chat_types,
    deletions,
    events,
    exclusion_type,
    images,
    imports,
    keys,
    left_out,
    oci_auth,
    oidc_provider_type,
    owners,
    pod_identity_type,
    prefix_types,
    public_repositories,
    pushes,
    regions,
    registry_types,
    repositories,
    repository_type,
    signing_permissions,
    template_urls,
    yaml_templates,
)


def install() -> None:
    """Replace what ministack gets wrong; it looks everything up when it is called."""
    calls.install()
    api_access.install()
    account_settings.install()
    repositories.install()
    images.install()
    archive.install()
    pushes.install()
    deletions.install()
    registry_types.install()
    prefix_types.install()
    exclusion_type.install()
    oidc_provider_type.install()
    pod_identity_type.install()
    chat_types.install()
    public_repositories.install()
    oci_auth.install()
    repository_type.install()
    keys.install()
    imports.install()
    owners.install()
    template_urls.install()
    yaml_templates.install()
    regions.install()
    signing_permissions.install()
    events.install()
    left_out.install()
    absent.install()
