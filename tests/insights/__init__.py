"""Tests of insights/: facts in, results out."""
