"""Signed panel requests per second and core: Bittern, the Express framework, and plain Flask, in one run.

    python -m bench.panel_requests [--seconds 10] [--rounds 3] [--groups peers panels servers] [--only NAME …] [--json FILE]

`peers`: every contestant is one process on one core, wrk asks from the other. Those that verify get the same pre-signed addresses
and show the same 1.7 kB panel; plain Flask says hello without verifying anything, which is the most that its server can do;
`live` asks an API that answers after 150 ms for what it shows, as most add-ons do.
`panels`: Pulse and Turn of a repository with 1,000 pull requests, for a team of 15, compressed as browsers want them.
`servers`: gunicorn with its own threaded worker, with 1 to 16 threads, and with two processes with and without `reuse_port`.

Requests per second depend on what else the machine does; requests per processor second, told by /proc, hardly do.
"""
