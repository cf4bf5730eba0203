"""Tests of insights/branches/."""
