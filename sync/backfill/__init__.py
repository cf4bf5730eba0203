"""Reading the history of repositories that we did not see happen: page by page, what is of most use first.

`advancing` claims a page, has one of `STEPS` ask for it, and stores what came together with the cursor behind it.
"""
