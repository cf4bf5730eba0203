"""Figures about branches: what is left over, what is stale, whose it is, and what it would cost to bring it home."""
