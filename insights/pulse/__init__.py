"""The figures of the repository overview: what needs you now."""
