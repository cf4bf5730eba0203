"""The exceptions of this package.

::

    JobsError
    ├── QueueUnreachable    the queue cannot be opened
    ├── MessageUnreadable   what came out of the queue is not a message of ours
    └── MetricsUnreachable  the port for the worker's counts is not to be had
"""

# ruff: noqa: N818 -- the names say what happened; that they are exceptions shows where they are raised and caught


class JobsError(Exception):
    """Something about the queue that a caller has to decide on."""


class QueueUnreachable(JobsError):
    """The queue's server does not answer, or its file cannot be opened. The message says which."""


class MessageUnreadable(JobsError, ValueError):
    """What came out of the queue is not a message of ours."""


class MetricsUnreachable(JobsError):
    """The port for the worker's counts is not to be had."""
