"""What an entry says must hold afterwards, each effect checked for real. An effect that nobody knows here is a failure."""

from tests.security.effects import answers, deliveries, network, system, tenants, upstream
from tests.security.effects.registry import check_effect

__all__ = ["answers", "check_effect", "deliveries", "network", "system", "tenants", "upstream"]
