"""The arithmetic beneath the figures, from the standard library alone; it knows nothing of pull requests."""
