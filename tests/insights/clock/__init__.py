"""Tests of insights/clock/."""
