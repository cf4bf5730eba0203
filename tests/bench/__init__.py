"""Tests of benchmarks: what they work out, on figures that are given."""
