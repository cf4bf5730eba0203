"""The same expectations of the real thing and of what stands in for it."""
