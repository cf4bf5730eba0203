"""Who acts in Bitbucket."""

from enum import StrEnum

from msgspec import Struct


class AccountKind(StrEnum):
    """What kind of account it is, from Bitbucket's ``type``, which has been spelled in several ways."""

    USER = "user"
    APP = "app_user"
    TEAM = "team"

    @classmethod
    def from_type(cls, text: str | None) -> "AccountKind":
        """Read Bitbucket's ``type``; one that is missing or new is a user's, since most are."""
        word = (text or "").replace("_", "").casefold()
        return {"appuser": cls.APP, "app": cls.APP, "bot": cls.APP, "team": cls.TEAM}.get(word, cls.USER)


class AccountFacts(Struct, frozen=True, kw_only=True, gc=False):
    """One account. ``uuid`` is Bitbucket's, or ``email:someone@example.com`` for an author git alone knows."""

    uuid: str
    nickname: str = ""
    display_name: str = ""
    kind: AccountKind = AccountKind.USER
