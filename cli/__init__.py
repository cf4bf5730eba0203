"""The operator's commands: `flask bittern …`. They work without a running service, and say what to do where they cannot.

Exit status: 0 done, 1 not done or something found wrong, 2 asked for in a way that cannot be understood or configured.
"""

from cli.group import group, group_for

__all__ = ["group", "group_for"]
