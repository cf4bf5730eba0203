"""Tests of insights/deployments/."""
