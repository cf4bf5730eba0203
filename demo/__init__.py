"""The demo: starts a local Bitbucket and Bittern side by side, joins them, and leaves nothing behind.

Here live the supervisor and what it needs. Nothing of the service may live here, and the service never imports it.
"""
