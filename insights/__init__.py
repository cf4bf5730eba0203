"""Numbers from facts: frozen facts in, results out. Pure, versioned, one insight a file; no I/O, no clock, no framework.

Where to begin: ``result`` (what an insight answers with), ``facts`` (what the storage floor keeps), ``settings`` (what a
workspace decides). Then ``clock`` (how long something took), ``people`` (who is a bot), ``pull_requests`` (one life, measured)
and its ``cohorts`` (which lives a figure is about). The folders after that are the pages they fill: ``pulse``, ``flow``,
``branches``, ``files``, ``commits``, ``builds``, ``deployments``. ``statistics`` is the arithmetic beneath, ``definitions`` the
catalogue behind every "i", and ``live`` what one look at a repository tells before its history is held.
"""
