"""What can be wrong with what was typed.

::

    Mistyped               the sentence says what to write instead
    ├── NotAnAddress       the path
    ├── NotUnderstood      a parameter, a field, a header
    └── UnclearCaller      who calls: nobody was named, or more than one
"""

# ruff: noqa: N818 - the names say what happened; that they are exceptions shows where they are raised and caught


class Mistyped(ValueError):
    """The command's words cannot be understood; nothing was sent."""


class NotAnAddress(Mistyped):
    """The path cannot be an address of the API."""


class NotUnderstood(Mistyped):
    """A parameter, a field or a header cannot be read."""


class UnclearCaller(Mistyped):
    """It is not clear as whom to call."""
