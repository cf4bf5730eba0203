"""Addresses of Bitbucket's own pages, made from names that we checked: a link that a payload brings is never followed or shown."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Links:
    """The pages of one repository on Bitbucket's site."""

    site_url: str
    full_name: str

    @property
    def repository(self) -> str:
        """The repository's overview."""
        return "/".join([self.site_url, *(quote(part, safe="") for part in self.full_name.split("/"))])

    @property
    def pull_requests(self) -> str:
        """The list of open pull requests."""
        return f"{self.repository}/pull-requests/"

    def pull_request(self, number: int) -> str:
        """One pull request."""
        return f"{self.repository}/pull-requests/{number}"

    def branch(self, name: str) -> str:
        """One branch. Slashes in its name stay slashes, as Bitbucket writes them."""
        return f"{self.repository}/branch/{quote(name, safe='/')}"

    @property
    def branches(self) -> str:
        """The list of branches."""
        return f"{self.repository}/branches/"

    def issue(self, number: int) -> str:
        """One issue of the tracker."""
        return f"{self.repository}/issues/{number}"

    def file(self, path: str, revision: str) -> str:
        """One file at a branch or commit. A slash in the branch's name is no step of the path."""
        return f"{self.repository}/src/{quote(revision, safe='')}/{quote(path, safe='/')}"

    def commit(self, commit_hash: str) -> str:
        """One commit."""
        return f"{self.repository}/commits/{quote(commit_hash, safe='')}"
