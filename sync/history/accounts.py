"""Who somebody is: accounts as Bitbucket tells them, and authors whom git alone knows."""

from typing import Final

from bitbucket.resources import Author, User
from connect.errors import IdentifierInvalid
from connect.identifiers import canonical_uuid
from insights.facts.accounts import AccountKind
from insights.people.identity import Identities, Mailmap
from models.history.columns import EMAIL_IDENTITY_LENGTH, kept
from models.history.people import Account

_BY_ADDRESS: Final = Identities(mailmap=Mailmap(), linked={})


def account_of(user: User | None) -> Account | None:
    """The account; None for nobody, and for the users of old bodies, who had names and no id."""
    if user is None or user.uuid is None:
        return None
    try:
        uuid = canonical_uuid(user.uuid)
    except IdentifierInvalid:
        return None
    avatar = user.links.avatar if user.links is not None else None
    return Account(
        uuid=uuid,
        account_id=user.account_id,
        display_name=user.display_name,
        nickname=user.nickname or user.username,
        avatar_url=avatar.href if avatar is not None else None,
        kind=AccountKind.from_type(user.type),
    )


def account_of_author(author: Author | None) -> Account | None:
    """Who wrote a commit: the account that Bitbucket has linked, else the address that git has; None without either.

    Addresses are grouped by a repository's .mailmap when they are read, not here: that file changes.
    """
    if author is None:
        return None
    account = account_of(author.user)
    if account is not None or author.raw is None:
        return account
    identity = _BY_ADDRESS.identity_of(author.raw)
    if identity is None:
        return None
    name = author.raw.partition("<")[0].strip()
    return Account(uuid=kept(identity, length=EMAIL_IDENTITY_LENGTH), display_name=name or None)


def uuid_of(user: User | None) -> str | None:
    """The account's uuid; None for nobody."""
    account = account_of(user)
    return None if account is None else account.uuid
