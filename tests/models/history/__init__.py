"""Tests of the tables of history: each on SQLite and on PostgreSQL."""
