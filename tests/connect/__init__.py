"""The protocol alone: every test here calls pure functions, with times, secrets and bodies of its own."""
