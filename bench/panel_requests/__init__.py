"""Signed panel requests per second and core: Bittern, the Express framework, and plain Flask, in one run.

    python -m bench.panel_requests [--seconds 10] [--rounds 3]

Every contestant is one process on one core, wrk asks from the other. Those that verify get the same pre-signed addresses and
show the same 1.7 kB panel; plain Flask says hello without verifying anything, which is the most that its server can do.
"""
