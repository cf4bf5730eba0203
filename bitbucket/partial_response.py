"""The `fields` parameter: which members of an answer Bitbucket sends. Three modes, which may be mixed.

- `only("a", "b.c")`: nothing but these;
- `plus("values.participants")`: what it sends by default, and these;
- `minus("values.description")`: what it sends by default, without these.

`*` stands for every member of one level; `both(minus("*"), plus("id"))` is another way to say `only("id")`. Paths in a
collection start at `values.`, and a collection needs its `next` and `size` named as well: `collection` does both.
"""

import re
from typing import Final

_PATH: Final = re.compile(r"(?:\*|[A-Za-z_][\w-]*)(?:\.(?:\*|[A-Za-z_][\w-]*))*", re.ASCII)
_ENVELOPE: Final = ("next", "size", "page", "pagelen")


def only(*paths: str) -> str:
    """These members and no others. Raises ValueError, as all here do, for what is not a dotted path."""
    return ",".join(_checked(path) for path in paths)


def plus(*paths: str) -> str:
    """The default members and these."""
    return ",".join(f"+{_checked(path)}" for path in paths)


def minus(*paths: str) -> str:
    """The default members without these."""
    return ",".join(f"-{_checked(path)}" for path in paths)


def both(*fields: str) -> str:
    """Several of the above in one; Bitbucket applies them in their order."""
    return ",".join(field for field in fields if field)


def collection(*paths: str) -> str:
    """These members of every item of a collection, and what paging needs."""
    return only(*_ENVELOPE, *(f"values.{path}" for path in paths))


def under(prefix: str, *paths: str) -> tuple[str, ...]:
    """Paths one level down: `under("author", "uuid")` is `("author.uuid",)`."""
    return tuple(f"{prefix}.{path}" for path in paths)


def _checked(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is not a path of members.")
    return path
