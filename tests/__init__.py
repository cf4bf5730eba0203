"""Tests mirror the tree. Packages all the way down, so that equal file names in sibling folders stay apart."""
