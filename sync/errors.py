"""The exceptions of this package.

::

    SyncError
    ├── DeliveryUnusable        a delivery whose payload is not what such an event has: trying again changes nothing
    └── RepositoryGone          the repository that was worked on is not the installation's any more

    bitbucket.errors.BitbucketError
    ├── BudgetSpent             the call was not made: the installation has none left for now
    └── InstallationInactive    the call was not made: the installation has ended

The second tree is Bitbucket's, because whoever calls has to handle that one already.
"""

# ruff: noqa: N818 -- the names say what happened; that they are exceptions shows where they are raised and caught

from datetime import datetime

from bitbucket.errors import BitbucketError
from models.quota import Hindrance


class SyncError(Exception):
    """Something in our work on an installation's data that cannot go on."""


class DeliveryUnusable(SyncError):
    """The payload of a delivery cannot be read as its event. The message may be shown to an operator: it holds no payload."""


class RepositoryGone(SyncError):
    """The repository that was worked on has been deleted, moved away, or is not for the app's eyes any more."""


class BudgetSpent(BitbucketError):
    """The call was not made: the installation may make none for this purpose before `retry_at`, which is always set."""

    reason = "out.budget_spent"

    def __init__(self, hindrance: Hindrance, *, retry_at: datetime) -> None:
        super().__init__(f"No call before {retry_at:%H:%M:%S} UTC ({hindrance}).")
        self.hindrance = hindrance
        self.retry_at = retry_at


class InstallationInactive(BitbucketError):
    """The call was not made: the installation was removed, or is not proved any more."""

    reason = "out.installation_inactive"
    permanent = True

    def __init__(self, installation_id: int) -> None:
        super().__init__(f"Installation {installation_id} is not active.")
