"""Comments, on pull requests and issues alike, and tasks."""

import msgspec

from bitbucket.resources import Links, Moment, Resource, User


class Content(Resource, frozen=True, kw_only=True):
    """Text as its author typed it; the rendered HTML is never read."""

    raw: str | None = None


class Inline(Resource, frozen=True, kw_only=True):
    """Where a comment stands in a diff: a line of the old file, of the new one, or neither (the file as a whole)."""

    path: str | None = None
    from_line: int | None = msgspec.field(name="from", default=None)
    to_line: int | None = msgspec.field(name="to", default=None)
    outdated: bool | None = None


class CommentReference(Resource, frozen=True, kw_only=True):
    """The comment that another one answers."""

    id: int


class Resolution(Resource, frozen=True, kw_only=True):
    """Who closed a thread, and when."""

    user: User | None = None
    created_on: Moment | None = None


class Comment(Resource, frozen=True, kw_only=True):
    """A comment. A deleted one stays, without its text, while others answer it; a pending one is its author's alone."""

    id: int
    content: Content | None = None
    user: User | None = None
    created_on: Moment | None = None
    updated_on: Moment | None = None
    deleted: bool = False
    pending: bool = False
    inline: Inline | None = None
    parent: CommentReference | None = None
    resolution: Resolution | None = None
    links: Links | None = None


class Task(Resource, frozen=True, kw_only=True):
    """A task of a pull request: `state` is RESOLVED or UNRESOLVED. It may hang on a comment."""

    id: int
    state: str | None = None
    content: Content | None = None
    creator: User | None = None
    created_on: Moment | None = None
    updated_on: Moment | None = None
    resolved_on: Moment | None = None
    resolved_by: User | None = None
    comment: CommentReference | None = None


def as_content(text: str) -> dict[str, object]:
    """The body of a comment or task to be written."""
    return {"content": {"raw": text}}
