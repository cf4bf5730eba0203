"""The life of three installations beside one another, any step in any order."""
