"""Tests of the simulated Bitbucket."""
