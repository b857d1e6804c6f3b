"""Repositories that come, go or get another name, and what else of them is not the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from registry import naming
from registry.limits import ECR_GUIDE, IAM_GUIDE
from registry.model import Encryption, Repository
from registry.naming import OWNER_TAG, namespace_of
from registry.plan.change import Change, Part, Risk, comparison, kinds_about
from registry.plan.sides import Line, Side, Sides

_SIMILAR: Final = 0.7  # of two names in one namespace, from 0 to 1
_COMPARED: Final = 200  # names on each side; more have no likeness that a person would see

kind = kinds_about("Repositories")
ADDED = kind(
    "repository-added",
    Risk.SAFE,
    "A repository is created",
    "It is empty. Who may use it is told apart, where that is more than its namespace has already.",
)
REMOVED = kind(
    "repository-removed",
    Risk.BREAKS,
    "A repository leaves the file and stays in AWS",
    "Its images stay, but its grants end: who pulls them by a grant of this file can no longer. Nothing declares its "
    "settings any more. To write it back later, import it.",
    "docs/operations.md",
)
DELETED = kind(
    "repository-deleted",
    Risk.DESTROYS,
    "A repository leaves the file and is deleted with its images",
    "It was deployed with empty_on_delete: CloudFormation deletes it with every image in it.",
)
RENAMED = kind(
    "repository-renamed",
    Risk.BREAKS,
    "A repository gets another name, which is another repository",
    "ECR cannot rename. The new repository is empty until somebody copies the images, and the old one stays with them. "
    "Who pulls by the old name gets no new image; who pulls by the new one gets none at all.",
)
ENCRYPTION = kind(
    "repository-encryption",
    Risk.BREAKS,
    "A repository gets another encryption, which ECR cannot change",
    "The encryption is fixed when a repository is created. CloudFormation would have to create it again under a name "
    "that is taken, so the deploy fails.",
    f"{ECR_GUIDE}/encryption-at-rest.html",
)
TEMPLATE_ENCRYPTION = kind(
    "template-encryption",
    Risk.SAFE,
    "Repositories to come get another encryption",
    "A creation template is for repositories that ECR creates from now on. Those that exist keep theirs.",
)
EMPTIED = kind(
    "empty-on-delete",
    Risk.DESTROYS,
    "A repository would be deleted with its images when it leaves the file",
    "Until now it would have stayed in AWS. The next change that removes it, or moves it, deletes every image.",
)
KEPT = kind("kept-on-delete", Risk.SAFE, "A repository stays in AWS when it leaves the file", "Its images stay, too.")
SCANNED = kind(
    "scan-flag", Risk.SAFE, "A repository's own scan flag is switched on", "The registry's scanning decides beside it."
)
UNSCANNED = kind(
    "scan-flag-off",
    Risk.BREAKS,
    "A repository's own scan flag is switched off",
    "Tools that look at the flag say that images are not scanned; where the registry's rules do not match, none is.",
)
TAGS = kind(
    "resource-tags",
    Risk.SAFE,
    "Resource tags change",
    "Bills and policies with aws:ResourceTag see other tags; images do not change.",
)
ASKED = kind(
    "required-tags",
    Risk.SAFE,
    "The file asks other resource tags of repositories",
    "Nothing changes in AWS. A tag that is no longer asked for can be missing in the next repository.",
)
ASKED_FOR = kind(
    "resource-tag-of-policy",
    Risk.OPENS,
    "A resource tag changes that a policy of the file asks for",
    "A statement with aws:ResourceTag or ecr:ResourceTag in its conditions holds for other repositories from then on.",
    f"{IAM_GUIDE}/access_tags.html",
)
OWNER = kind("owner", Risk.SAFE, "A repository gets another owner", "Somebody else is asked about it from now on.")


@comparison
def repositories(sides: Sides) -> Iterator[Change]:
    """Those that are declared on one side only."""
    old, new = sides.old.repositories, sides.new.repositories
    gone = [name for name in old if name not in new]
    came = [name for name in new if name not in old]
    renamed = dict(_renamed(gone, came))
    for name in gone:
        if old[name].empty_on_delete or name not in renamed:
            deleted = old[name].empty_on_delete
            where, is_old = _line_of_removed(sides, name)
            yield Change(
                kind=DELETED if deleted else REMOVED,
                subjects=(name,),
                message="is deleted with all its images"
                if deleted
                else "leaves the file; it stays in AWS, without its grants",
                where=where,
                gone=is_old,
                concerns=sides.people(name),
                explains=_with_grants(sides, name),
            )
        if name in renamed:
            at, _ = sides.entry(renamed[name])
            yield Change(
                kind=RENAMED,
                subjects=(name,),
                message="gets another name: the new repository is empty, the old one is no longer declared",
                before=name,
                after=renamed[name],
                where=at,
                concerns=tuple(dict.fromkeys((*sides.people(name), *sides.people(renamed[name])))),
                explains=_with_grants(sides, name) | _with_grants(sides, renamed[name]),
            )
    for name in came:
        if name not in renamed.values():
            at, _ = sides.entry(name)
            yield Change(
                kind=ADDED,
                subjects=(name,),
                message="is created",
                where=at,
                concerns=sides.people(name),
                explains=_with_grants(sides, name),
            )


def _renamed(gone: list[str], came: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of an old name and a new one that is like it: the same last part elsewhere, or a similar one beside it."""
    left = dict.fromkeys(came)
    by_last: dict[str, list[str]] = {}
    for name in came:
        by_last.setdefault(name.rpartition("/")[2], []).append(name)
    for name in gone:
        same = [it for it in by_last.get(name.rpartition("/")[2], []) if it in left]
        if same:
            left.pop(same[0])
            yield name, same[0]
        elif len(gone) <= _COMPARED and len(came) <= _COMPARED:
            near = [(_likeness(name, it), it) for it in left if namespace_of(it) == namespace_of(name)]
            best = max(near, default=(0.0, ""))
            if best[0] >= _SIMILAR:
                left.pop(best[1])
                yield name, best[1]


def _likeness(one: str, other: str) -> float:
    """How much two names of a namespace have in common behind it."""
    return SequenceMatcher(None, one.partition("/")[2] or one, other.partition("/")[2] or other).ratio()


def _line_of_removed(sides: Sides, name: str) -> Line:
    """Where it was declared; the `include` where its whole file is no longer read, which is one cause for all of it."""
    declared = sides.old.written.entries[name]
    if declared.team is not None and declared.team not in sides.new.written.teams:
        return sides.at(("include",))
    return sides.old.position(declared.place), True


def _with_grants(sides: Sides, name: str) -> frozenset[Part]:
    """A repository, the policies of those who have a grant on it, and the replication that names it."""
    found = set(sides.parts_of(name))
    for side in sides.both:
        if (repository := side.repositories.get(name)) is not None:
            for principal in {grant.principal for grant in repository.grants}:
                found.update(side.parts_of_principal(principal))
            found.update(_key_parts(side, repository))
    return frozenset(found)


def _key_parts(side: Side, repository: Repository) -> Iterator[Part]:
    """The KMS keys made for it: one that nothing is encrypted with is not made."""
    for at in side.locations(repository.namespace):
        key = repository.encryption.key_in(at)
        if key is not None and key in side.registry.kms_keys:
            stack = side.stack(at, naming.REGISTRY_UNIT)
            for what in ("Key", "Alias"):
                yield stack, naming.logical_id(key.removeprefix("alias/"), what), ""


@comparison
def settings(sides: Sides) -> Iterator[Change]:
    """What both sides declare, with other settings; tags of images, lifecycles and access have files of their own."""
    for it in sides.holders:
        if _encryption(it.old.encryption) != _encryption(it.new.encryption):
            line = it.line("encryption_type", "kms_key") or sides.entry(it.name)
            keys = {
                part
                for side, held in zip(sides.both, (it.old, it.new), strict=True)
                if isinstance(held, Repository)
                for part in _key_parts(side, held)
            }
            yield Change(
                kind=ENCRYPTION if it.declared else TEMPLATE_ENCRYPTION,
                subjects=(it.label,),
                message="gets another encryption: this deploy will fail"
                if it.declared
                else "gets another encryption for repositories to come",
                before=_encryption(it.old.encryption),
                after=_encryption(it.new.encryption),
                where=line[0],
                gone=line[1],
                concerns=it.people,
                explains=it.parts("EncryptionConfiguration") | keys,
            )
        if isinstance(it.old, Repository) and isinstance(it.new, Repository):
            yield from _deletion(sides, it.name, it.old, it.new)
        yield from _resource_tags(sides, it.name, dict(it.old.tags), dict(it.new.tags), it.label, it.parts("Tags"))


def _encryption(encryption: Encryption) -> str:
    keys = [key if at == "*" else f"{at}: {key}" for at, key in sorted(encryption.keys.items())]
    return " ".join([encryption.encryption_type, *(["with " + ", ".join(keys)] if keys else [])])


def _deletion(sides: Sides, name: str, old: Repository, new: Repository) -> Iterator[Change]:
    if old.empty_on_delete != new.empty_on_delete:
        where, gone = sides.cause(name, "empty_on_delete") or sides.entry(name)
        yield Change(
            kind=EMPTIED if new.empty_on_delete else KEPT,
            subjects=(name,),
            message="would be deleted with its images" if new.empty_on_delete else "stays in AWS",
            before=f"empty_on_delete: {str(old.empty_on_delete).lower()}",
            after=f"empty_on_delete: {str(new.empty_on_delete).lower()}",
            where=where,
            gone=gone,
            concerns=sides.people(name),
            explains=sides.parts_of(name, "EmptyOnDelete", "DeletionPolicy", "UpdateReplacePolicy"),
        )
    # A flag that follows the registry's scanning is told there.
    if old.scan_on_push != new.scan_on_push and (line := sides.cause(name, "scan_on_push")):
        yield Change(
            kind=SCANNED if new.scan_on_push else UNSCANNED,
            subjects=(name,),
            message=f"its own scan flag is switched {'on' if new.scan_on_push else 'off'}",
            where=line[0],
            gone=line[1],
            concerns=sides.people(name),
            explains=sides.parts_of(name, "ImageScanningConfiguration"),
        )


def _resource_tags(
    sides: Sides, name: str, old: dict[str, str], new: dict[str, str], label: str, parts: frozenset[Part]
) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        if old.get(key) == new.get(key):
            continue
        line = sides.cause(name, "owner" if key == OWNER_TAG else "tags") or sides.entry(name)
        asked = any(f"resourcetag/{key}".lower() in text for text in _policies(sides, name))
        yield Change(
            kind=ASKED_FOR if asked else OWNER if key == OWNER_TAG else TAGS,
            subjects=(label,),
            message="gets another owner" if key == OWNER_TAG else f"the resource tag {key} changes",
            before=old.get(key, "none"),
            after=new.get(key, "none"),
            where=line[0],
            gone=line[1],
            concerns=sides.people(name),
            explains=parts,
        )


def _policies(sides: Sides, name: str) -> Iterator[str]:
    """What is written of access to a repository, in lower case: IAM does not look at the case of keys."""
    for side in sides.both:
        repository = side.repositories.get(name)
        yield from (text.lower() for text in (repository.policies.values() if repository else ()) if text)
        yield from (json.dumps(it.document).lower() for it in side.registry.registry_policies.values())


@comparison
def required_tags(sides: Sides) -> Iterator[Change]:
    """What every repository has to say of itself."""
    old, new = (side.written.root.required_tags for side in sides.both)
    if set(old) != set(new):
        where, gone = sides.at(("required_tags",))
        yield Change(
            kind=ASKED,
            subjects=("required_tags",),
            message="other tags are required of every repository",
            before=", ".join(old) or "none",
            after=", ".join(new) or "none",
            where=where,
            gone=gone,
        )
