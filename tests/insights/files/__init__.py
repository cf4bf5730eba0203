"""Tests of insights/files/."""
