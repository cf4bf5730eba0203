"""What is said of the address that a request was for, in the log, the counts and the headers."""

from typing import Final, NamedTuple


class Route(NamedTuple):
    """A rule of the routing, as it was written down, and the name of what answers there: `blueprint.view`."""

    rule: str
    endpoint: str

    @property
    def blueprint(self) -> str:
        """The blueprint that the view is on."""
        return self.endpoint.rpartition(".")[0]


NO_ROUTE: Final = Route("(no route)", "")
"""Of a request for an address that there is not."""
