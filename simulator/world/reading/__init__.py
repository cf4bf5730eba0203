"""Any git repository on disk as a Bitbucket repository: its people, and pull requests read from its merge commits.

What git does not know is not made up: no build states, no comments, and reviewers only where a message names them.
"""

from simulator.world.reading.repository import read_repository

__all__ = ["read_repository"]
