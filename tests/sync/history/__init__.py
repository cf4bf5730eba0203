"""Tests of what becomes of a history when something is told of it."""
