"""Tests of insights/flow/."""
