"""What a view has to know besides the facts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from web.panels.links import Links


@dataclass(frozen=True, slots=True)
class Setting:
    """Who looks, when, where links go, which pictures may be shown."""

    viewer_uuid: str | None
    now: datetime
    links: Links
    shows: Callable[[str], bool]
