"""Figures about files: what is generated, who knows what, what changes together, where the work is."""
