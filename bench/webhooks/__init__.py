"""Webhooks acknowledged per second, each committed and synced to the disk: Bittern beside the bare database, in one run.

    python -m bench.webhooks [--seconds 5] [--rounds 3] [--burst 10000] [--databases sqlite postgres] [--servers …] [--json FILE]

The limit is what the database commits with nothing in front of it: the same row, one a commit, by one writer and by as many as
the web server has threads. Then one web process on one core, and senders that keep their connections on the other: 16 who send
without pause, and a burst of 10,000 deliveries that all come at once on 256 connections. What was acknowledged is counted in the
database at the end; a difference ends the run.
"""
