"""Bittern in a real browser, inside the simulator's pages: what people see, and what reaches the service when they act."""
