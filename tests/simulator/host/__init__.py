"""Tests of the pages of the simulated Bitbucket."""
