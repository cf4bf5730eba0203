"""Tests of insights/builds/."""
