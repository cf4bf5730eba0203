"""Figures from deployments, for repositories that have them."""
