"""Tests of the Connect half of the simulated Bitbucket."""
