"""Tests of insights/pull_requests/."""
