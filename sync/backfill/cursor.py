"""Where a backfill is within its stage, as its row keeps it."""

from msgspec import Struct, json

from bitbucket.deployments import Environment


class Ends(Struct, frozen=True, array_like=True):
    """The two commits that a pull request is between; None where they are not both the repository's own."""

    number: int
    source: str | None = None
    destination: str | None = None


class Cursor(Struct, frozen=True, omit_defaults=True):
    """Each stage uses what it needs, and hands on what the next ones can do with."""

    next: str | None = None
    """The address of the next page, as Bitbucket told it."""
    below: int | None = None
    """The pull request that was done last: they are gone through from the newest down."""
    ends: tuple[Ends, ...] = ()
    """Pull requests whose diffstats are next."""
    is_listed: bool = False
    """Whether the first page of the stage was read."""
    commits: tuple[str, ...] = ()
    """Commits whose builds are next."""
    after: str | None = None
    """The commit that was done last: they are gone through from the newest back."""
    environments: tuple[Environment, ...] | None = None
    """Where deployments go to, once that was read."""

    @classmethod
    def from_text(cls, text: str | None) -> "Cursor":
        """What a row keeps; the beginning where it keeps nothing."""
        return cls() if text is None else json.decode(text, type=cls)

    def as_text(self) -> str | None:
        """What a row is to keep."""
        return None if self == Cursor() else json.encode(self).decode()
