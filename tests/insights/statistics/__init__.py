"""Tests of insights/statistics/."""
