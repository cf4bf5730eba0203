"""Planning: each repository that has no comparison planned gets one, and each installation a census, at its hour of the night."""

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from models import censuses, installations, reconciles, workspace_settings
from sync.reconcile.night import next_night

if TYPE_CHECKING:
    from datetime import tzinfo

    from sqlalchemy.orm import Session

    from models.installations import Installation
    from services import Services

MOST_AT_ONCE: Final = 200


def plan_missing(services: "Services") -> int:
    """Plan what is not planned yet. Returns how much that was; writes only then."""
    with services.readers() as session:
        repositories = reconciles.unplanned(session, at_most=MOST_AT_ONCE)
        tenants = censuses.unplanned(session, at_most=MOST_AT_ONCE)
    if not repositories and not tenants:
        return 0
    now = services.now()
    with services.redoable.begin() as session:
        for repository in repositories:
            installation = installations.by_id(session, repository.installation_id)
            if installation is not None:
                at = next_night(now, zone=zone_of(session, installation), key=repository.uuid)
                reconciles.plan(session, repository, at=at)
        for tenant in tenants:
            at = next_night(now, zone=zone_of(session, tenant), key=tenant.client_key)
            censuses.hasten(session, tenant, at=at)
    return len(repositories) + len(tenants)


def zone_of(session: "Session", installation: "Installation") -> "tzinfo":
    """The time zone of a workspace."""
    return ZoneInfo(workspace_settings.read(session, installation).settings.time_zone)
