"""Bittern on several machines: the Procfile under honcho on each, PostgreSQL, Redis, and nginx in front."""
