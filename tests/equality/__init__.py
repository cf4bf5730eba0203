"""Equality: after whatever has happened to webhooks and calls, our rows are what Bitbucket's truth is."""
