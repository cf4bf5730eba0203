"""All tables: importing this module makes `Base.metadata` complete, for migrations and the tests that compare them."""

from models.audit import LifecycleAudit
from models.base import Base
from models.inbox import Delivery
from models.installations import Installation
from models.repositories import Repository

__all__ = ["Base", "Delivery", "Installation", "LifecycleAudit", "Repository"]
