"""A local Bitbucket Cloud: shares no code with the service that is tried against it."""
