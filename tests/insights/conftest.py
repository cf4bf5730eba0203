"""Properties are judged by what holds, never by how long it took: other work may share the machine."""

from hypothesis import settings

settings.register_profile("insights", deadline=None)
settings.load_profile("insights")
