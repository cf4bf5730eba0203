"""Tests of insights/pulse/."""
