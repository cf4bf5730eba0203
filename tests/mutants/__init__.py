"""Mutants of the security checks: each takes one check away or weakens it, and the tests must notice every one.

python -m tests.mutants [REGEX]
"""
