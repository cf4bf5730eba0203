"""Identifiers that look like Bitbucket's and are the same for the same seed.

Shapes: UUIDs travel in braces, account ids are `<digits>:<uuid>` or 24 hex digits (recorded in user.toolchain.json and
pullrequests-1.jenkins-branch-source.json of ../shared/bitbucket/rest).
"""

import hashlib
import re
import uuid

_NAMESPACE = uuid.UUID("6f3a5d0e-52f1-4d0a-9f0d-b1772e200000")
_UUID = re.compile(r"\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\}?")
_NOT_SLUG = re.compile(r"[^a-z0-9._-]+")


def uuid_for(*parts: object) -> str:
    """A UUID in braces that depends on `parts` alone."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in (_NAMESPACE, *parts)).encode()).digest()
    return "{" + str(uuid.UUID(bytes=digest[:16], version=4)) + "}"


def account_id_for(*parts: object) -> str:
    """An Atlassian account id that depends on `parts` alone."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in ("account", *parts)).encode()).hexdigest()
    return f"712020:{uuid.UUID(hex=digest[:32], version=4)}"


def braced(text: str) -> str | None:
    """`text` as a lower-case UUID in braces, or None where it is not one."""
    match = _UUID.fullmatch(text)
    return "{" + match.group(1).lower() + "}" if match else None


def slug_of(name: str) -> str:
    """The slug that Bitbucket would give to `name`."""
    return _NOT_SLUG.sub("-", name.lower()).strip("-.") or "repository"
