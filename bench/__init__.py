"""Benchmarks: each is one command and prints one JSON object."""
