"""What a tab of the repository page is, and what it is given when it is opened.

A tab reads what it needs from ``Opened``, lazily: a tab that asks only our own copy makes no call to Bitbucket.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from bitbucket.errors import BitbucketError
from web import page_tokens, services
from web.language import _
from web.panels import page_links
from web.panels.links import Links
from web.panels.page_links import FileLink
from web.panels.parts import picture_filter
from web.panels.past import Past, past_of
from web.panels.setting import Setting
from web.panels.states import State
from web.panels.visits import Visit
from web.security_headers import allowed_image_origins

PAGE: Final = "repository"
"""The purpose of the tokens that the page's own requests carry."""

LINK: Final = "repository-link"
"""The purpose of the tokens in the page's own links, which open the page and its exports and nothing else."""

TAB_PARAMETER: Final = "tab"
MOST_CHARACTERS: Final = 600
"""Of a parameter's value: longer ones were not made by us."""


@dataclass
class Opened:
    """One viewer at one tab: who, where, which of the tab's own parameters the address has."""

    visit: Visit
    query: Mapping[str, str]
    as_of: datetime | None = None
    """When what is shown was read from Bitbucket, for a tab that reads there; None for one that shows our own copy."""
    trouble: BitbucketError | None = field(default=None, repr=False)

    @property
    def now(self) -> datetime:
        """The time."""
        return services.current().now()

    @cached_property
    def past(self) -> Past:
        """Our own copy of the repository's history: no call to anybody."""
        return past_of(self.visit)

    @cached_property
    def links(self) -> Links:
        """Bitbucket's own pages of this repository."""
        return Links(services.current().settings.site_url, self.visit.repository.full_name or "")

    @cached_property
    def setting(self) -> Setting:
        """What views of the parts that are shared with the panels need."""
        settings = services.current().settings
        return Setting(
            viewer_uuid=self.visit.user_uuid,
            now=self.now,
            links=self.links,
            shows=picture_filter(allowed_image_origins(site_origin=settings.site_url)),
        )

    @cached_property
    def link_token(self) -> str:
        """What the page's own links carry instead of a header."""
        return page_tokens.issue(self.visit.claims(purpose=LINK))

    def fragment_url(self, tab: str, query: Mapping[str, str]) -> str:
        """Where the page's script gets a tab with some parameters; the token goes into the header."""
        return page_links.address("panels.repository_refresh", {TAB_PARAMETER: tab, **query})

    def address(self, tab: str, query: Mapping[str, str]) -> str:
        """The address of a tab without any token: what the state of the page is called."""
        return page_links.address("panels.repository_page", {TAB_PARAMETER: tab, **query})

    def href(self, tab: str, query: Mapping[str, str]) -> str:
        """The address of a tab as a link that needs no script, for as long as its token lives."""
        return self.signed("panels.repository_page", {TAB_PARAMETER: tab, **query})

    def signed(self, endpoint: str, query: Mapping[str, str]) -> str:
        """An address of ours that a link may have: it proves for a while who was shown it."""
        return page_links.signed(endpoint, query, token=self.link_token)

    def file(self, label: str, endpoint: str, query: Mapping[str, str]) -> FileLink:
        """A file that the page offers."""
        return FileLink(label, self.signed(endpoint, query))

    def figures_file(self, endpoint: str, query: Mapping[str, str]) -> FileLink:
        """The file with the figures of the page."""
        return self.file(_("Figures as JSON"), endpoint, query)


def always(_opened: Opened) -> bool:
    """Offer a tab to everybody on every repository."""
    return True


def as_common(_error: BitbucketError) -> State | None:
    """Leave the words for a failure to the common states."""
    return None


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. ``view`` reads and words what its template shows; it may raise BitbucketError, or return a State.

    ``parameters`` are the names in the address that are the tab's; others never reach it. A tab that is not
    ``is_listed`` opens only by a link that says of what it is: a commit, a file.
    """

    name: str
    label: Callable[[], str]
    template: str
    view: Callable[[Opened], Any]
    parameters: tuple[str, ...] = ()
    is_offered: Callable[[Opened], bool] = always
    is_listed: bool = True
    is_live: bool = False
    """Whether it reads Bitbucket itself and has a refresh of its own: the page's refresh leaves it alone."""
    explain: Callable[[BitbucketError], State | None] = as_common
    steady_for: timedelta = timedelta(minutes=1)
    """So long a page that shows the tab stays as it is while nothing changes: ages are told in minutes."""

    def query_of(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the tab's own parameters of an address, in one order, without the empty ones."""
        return {name: given[name][:MOST_CHARACTERS] for name in self.parameters if given.get(name)}
