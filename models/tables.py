"""All tables: importing this module makes `Base.metadata` complete, for migrations and the tests that compare them."""

from models.audit import LifecycleAudit
from models.base import Base
from models.history.deletion import HISTORY_TABLES
from models.history.people import Person
from models.inbox import Delivery
from models.installations import Installation
from models.repositories import Repository
from models.workspace_settings import SettingsOfWorkspace

__all__ = [
    "HISTORY_TABLES",
    "Base",
    "Delivery",
    "Installation",
    "LifecycleAudit",
    "Person",
    "Repository",
    "SettingsOfWorkspace",
]
