"""Which files nobody wrote by hand. They are left out of sizes, collisions and shared paths.

Source: panels.md section 4, "Generated files": lock files, minified files, vendored folders, snapshots, what the repository
marks ``linguist-generated`` in its .gitattributes, and the administrator's own globs.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from insights.files.globs import MATCHES_NOTHING, regex_of
from insights.settings import WorkspaceSettings

DEFAULT_GLOBS = (
    "*.lock",
    "*.lockb",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "packages.lock.json",
    "gradle.lockfile",
    "go.sum",
    "Package.resolved",
    "*.min.*",
    "vendor/",
    "__snapshots__/",
    "*.snap",
)

_TRUE, _FALSE = {"linguist-generated", "linguist-generated=true"}, {"-linguist-generated", "linguist-generated=false"}


class GeneratedFiles:
    """Says of a path whether the file is generated.

    The administrator's globs win; then the last line of .gitattributes that names the path and the attribute, either way;
    then the defaults.
    """

    def __init__(self, *, globs: tuple[str, ...] = (), gitattributes: str = "") -> None:
        self._chosen = _any_of(globs)
        self._marked = tuple(_marks(gitattributes))[::-1]
        self._usual = _any_of(DEFAULT_GLOBS)

    def holds(self, path: str) -> bool:
        """Return whether the file at a path is generated."""
        if self._chosen.fullmatch(path):
            return True
        for pattern, is_generated in self._marked:
            if pattern.fullmatch(path):
                return is_generated
        return self._usual.fullmatch(path) is not None


def generated_files_of(settings: WorkspaceSettings, *, gitattributes: str = "") -> GeneratedFiles:
    """Return the judge of a workspace and a repository; the same texts give the same one, compiled once."""
    return _generated_files(settings.generated_globs, gitattributes)


@lru_cache(maxsize=256)
def _generated_files(globs: tuple[str, ...], gitattributes: str) -> GeneratedFiles:
    return GeneratedFiles(globs=globs, gitattributes=gitattributes)


def _any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{regex_of(glob)})" for glob in globs) or MATCHES_NOTHING)


def _marks(gitattributes: str) -> Iterator[tuple[re.Pattern[str], bool]]:
    for line in gitattributes.splitlines():
        pattern, *attributes = line.split() or [""]
        if not pattern or pattern.startswith(("#", "[", "!")):
            continue
        said = {*attributes} & (_TRUE | _FALSE)
        if said and not pattern.endswith("/"):
            yield re.compile(regex_of(pattern, covers_contents=False)), not said & _FALSE
