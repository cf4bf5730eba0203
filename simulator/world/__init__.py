"""The simulated Bitbucket's state: who exists, what they own, and what happened.

Nothing here speaks HTTP. `World` is the front door; `model` holds the records, `actions` the only ways to change them
once the world is running, `git` the real repositories beneath.
"""

from simulator.world.model import Event
from simulator.world.world import World

__all__ = ["Event", "World"]
