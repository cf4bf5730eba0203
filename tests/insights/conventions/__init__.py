"""The conventions of every figure, each worked out by hand."""
