"""Panels and pages that Bitbucket frames: one module a surface, and the steps that all of them take."""
