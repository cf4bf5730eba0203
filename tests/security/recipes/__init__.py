"""The recipe language: an entry of an attack file in, tokens, bodies and requests out.

Pure, and independent of the service: nothing here imports its packages, or a wrong rule would be right on both sides.
Where requests are sent and effects are looked for is no business of this package.
"""
