"""Tests of insights/live/: one look at a repository, judged."""
