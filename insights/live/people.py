"""Who counts as a human: approvals, turns and waits are between people."""

import re

from insights.live.facts import Account

# Bitbucket's own word for an app's account has been spelled in several ways; a person's is always "user".
_HUMAN_KINDS = frozenset({"user"})
_BOT_NAME = re.compile(r"\[bot\]|[-_ ]bot$|^(?:renovate|dependabot|snyk|sonar)", re.IGNORECASE)


def is_human(account: Account | None) -> bool:
    """Return whether the account is a person's, by its kind and, for service users on ordinary accounts, by its name.

    An account that Bitbucket no longer knows (``None``: a deleted user) is taken for a person: its pull requests wait
    for somebody all the same.
    """
    if account is None:
        return True
    if account.kind not in _HUMAN_KINDS:
        return False
    return not any(_BOT_NAME.search(name) for name in (account.nickname, account.display_name) if name)
