"""Tests of insights/people/."""
