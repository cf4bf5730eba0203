"""The running service while its processes, its queue and its database are killed: nothing acknowledged is lost."""
