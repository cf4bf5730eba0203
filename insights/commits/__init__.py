"""Figures about commits: what contains what, what was reverted, and the passport of one commit."""
