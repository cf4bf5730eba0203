"""A seeded team that works through a year: 12 people and two bots, three repositories, about 1,200 pull requests.

`tell` is the front door. The story is made up first (cast, season, plots: who did what when), then played in order
(stage, ground) so that git's history and the pull requests come from the same beats, then written at once
(`git fast-import`) and filled into a world (production).
"""

from simulator.world.story.production import tell

__all__ = ["tell"]
