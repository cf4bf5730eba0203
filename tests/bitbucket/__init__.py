"""Tests of bitbucket/, one file a module, and what they share: a fake transport and a server on the loopback."""
