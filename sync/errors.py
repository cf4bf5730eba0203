"""The exceptions of this package.

::

    SyncError
    └── DeliveryUnusable    a delivery whose payload is not what such an event has: trying again changes nothing
"""

# ruff: noqa: N818 -- the names say what happened; that they are exceptions shows where they are raised and caught


class SyncError(Exception):
    """Something in our work on an installation's data that cannot go on."""


class DeliveryUnusable(SyncError):
    """The payload of a delivery cannot be read as its event. The message may be shown to an operator: it holds no payload."""
