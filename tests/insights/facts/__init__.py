"""Tests of insights/facts/."""
