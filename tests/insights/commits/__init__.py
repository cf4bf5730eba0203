"""Tests of insights/commits/."""
