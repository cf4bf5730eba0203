"""Numbers from facts: frozen facts in, results out. Pure, versioned, one insight a file; no I/O, no clock, no framework."""
