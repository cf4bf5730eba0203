"""All tables: importing this module makes `Base.metadata` complete, for migrations and the tests that compare them."""

from models.audit import LifecycleAudit
from models.backfills import Backfill, RepositoryListing
from models.base import Base
from models.censuses import Census
from models.collecting import CollectingStop
from models.deletions import Deletion
from models.history.deletion import HISTORY_TABLES
from models.history.people import Person
from models.inbox import Delivery
from models.installations import Installation
from models.presence import Presence
from models.quota import CallCount, Quota
from models.reconciles import Reconcile
from models.repositories import Repository
from models.setup_audit import SetupAudit
from models.turns import Turn
from models.workspace_settings import SettingsOfWorkspace

__all__ = [
    "HISTORY_TABLES",
    "Backfill",
    "Base",
    "CallCount",
    "Census",
    "CollectingStop",
    "Deletion",
    "Delivery",
    "Installation",
    "LifecycleAudit",
    "Person",
    "Presence",
    "Quota",
    "Reconcile",
    "Repository",
    "RepositoryListing",
    "SettingsOfWorkspace",
    "SetupAudit",
    "Turn",
]
