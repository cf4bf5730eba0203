"""Setup and data health: what administrators of a workspace decide, see, export and delete."""
