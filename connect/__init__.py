"""Atlassian Connect for Bitbucket Cloud as a protocol: bytes and mappings in, frozen values or one exception tree out.

Nothing here opens a socket, reads a file, a clock or the environment: times come in as `now`, whole seconds since
1970-01-01 UTC. What is wrong raises a `ConnectError`; what is merely not to be done is a value (`Refuse`, `Quarantine`).
"""
