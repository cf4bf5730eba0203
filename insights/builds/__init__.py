"""Figures from commit statuses: the main branch's state, pass rate, flaky builds, durations."""
