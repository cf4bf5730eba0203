"""The doorbell: how a worker is told that a row has become due. The row is the truth, the call a hint.

Rung after the commit. A ring that gets lost costs seconds, because the sweep finds the row.
"""

from typing import Protocol


class Wake(Protocol):
    """Tells a worker what is due. Never raises, never waits long."""

    def delivery(self, delivery_id: int) -> None:
        """A delivery can be applied."""

    def proof(self, installation_id: int) -> None:
        """An installation in quarantine can be proved."""

    def purge(self, installation_id: int) -> None:
        """The data of an installation may be deleted."""

    def deletion(self, deletion_id: int) -> None:
        """What an administrator has asked to delete can go."""

    def follow_up(self, follow_up_id: int) -> None:
        """A question that events left open can be asked."""

    def reconcile(self, reconcile_id: int) -> None:
        """A repository can be compared with Bitbucket."""

    def census(self, census_id: int) -> None:
        """The repositories of a workspace can be listed."""

    def backfill(self, installation_id: int) -> None:
        """The history of an installation's repositories can be read."""

    def measuring(self, repository_id: int) -> None:
        """The pull requests of a repository have to be measured anew."""
