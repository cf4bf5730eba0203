"""Who is a bot, and whose word is another person's.

Source: panels.md section 4, "Bots": an app's account, a UUID on the administrator's list, or a name that says so. Their pull
requests are a series of their own, and nothing that they say stops a clock.
"""

import re
from collections.abc import Iterable, Mapping

from insights.facts.accounts import AccountFacts, AccountKind
from insights.settings import WorkspaceSettings

# A tool's name counts where it starts a word: "my-renovate", not somebody whose name happens to hold it.
_BOT_NAME = re.compile(
    r"""\[bot\] | [-_\ ]bot$ | ^bot$
      | (?<![a-z]) (?: renovate | dependabot | snyk | sonar(?:qube|cloud|source)?(?![a-z]) | greenkeeper | mergify | codecov
                     | coderabbit | copilot | qodo | codiumai | pr-agent | greptile | sourcery-ai | rovo\ dev )""",
    re.IGNORECASE | re.VERBOSE,
)
# Asked only of accounts that are bots already: a person may well be called Claude.
_AI_NAME = re.compile(
    r"""(?<![a-z]) (?: rovo | coderabbit | copilot | qodo | codium | pr-agent | greptile | sourcery | claude | devin | gemini
                     | cursor | chatgpt | openai | ai(?![a-z]) )""",
    re.IGNORECASE | re.VERBOSE,
)


class Directory:
    """The accounts of a workspace, judged once: which are bots, which of those are AI reviewers, which are people."""

    def __init__(self, accounts: Iterable[AccountFacts], settings: WorkspaceSettings) -> None:
        self.accounts: Mapping[str, AccountFacts] = {account.uuid: account for account in accounts}
        self.bots = (
            settings.bots
            | {account.uuid for account in self.accounts.values() if _looks_like_a_bot(account)} - settings.humans
        )
        self.ai_reviewers = frozenset(
            uuid for uuid in self.bots if uuid in self.accounts and _has_name(self.accounts[uuid], _AI_NAME)
        )

    def is_bot(self, uuid: str | None) -> bool:
        """Return whether an account is a bot. One that is not known, or no longer exists, is taken for a person."""
        return uuid in self.bots

    def is_ai_reviewer(self, uuid: str | None) -> bool:
        """Return whether an account is a bot whose name says that it reviews by machine."""
        return uuid in self.ai_reviewers

    def is_other_person(self, actor: str | None, *, author: str | None) -> bool:
        """Return whether what the actor did was done by a person other than the author.

        Somebody whose account is gone is another person, unless the author's is gone too: then nobody can tell.
        """
        return actor != author and not self.is_bot(actor)


def _looks_like_a_bot(account: AccountFacts) -> bool:
    return account.kind is AccountKind.APP or _has_name(account, _BOT_NAME)


def _has_name(account: AccountFacts, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(name) for name in (account.nickname, account.display_name) if name)
