"""Alembic migrations: `env.py` runs them, `versions/` holds them. Written by hand, checked against the tables by a test."""
