"""Real git repositories beneath the simulated Bitbucket; nothing here knows of Bitbucket."""

from simulator.world.git.records import Commit, FileChange, Signature, Tag, TreeEntry
from simulator.world.git.repository import GitRepository

__all__ = ["Commit", "FileChange", "GitRepository", "Signature", "Tag", "TreeEntry"]
