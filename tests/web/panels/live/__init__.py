"""Tests of web/panels/: pages in Bitbucket's frame."""
