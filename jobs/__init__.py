"""When: the queue that wakes workers, the tasks that they then run, and the sweep that makes up for every lost wake-up.

huey carries names and row ids, nothing else: the rows in our own database are the work.
"""
