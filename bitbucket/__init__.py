"""Bitbucket Cloud's REST API: how it is called, and what its answers mean.

Pure but for `transport.py`: requests are values that are built here and answers are values that are decoded here. Nothing in
this package reads a clock that was not handed to it, keeps state about an installation, or knows how Connect signs a token.
"""
