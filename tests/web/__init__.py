"""Tests of web/: the front door, asked as Bitbucket, a browser and a stranger would."""
