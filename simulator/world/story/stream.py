"""Writing a whole history at once: a stream for `git fast-import`, and the hashes that its marks became."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from simulator.world.git.process import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from simulator.world.story.cast import Person
    from simulator.world.story.edits import Lines

_MARKS = "story.marks"
_STREAM = "story.stream"


@dataclass(frozen=True, slots=True)
class Written:
    """Who made a commit and when."""

    person: Person
    at: datetime

    def line(self, role: str) -> bytes:
        """As fast-import wants it, with the person's own offset."""
        offset = timezone(timedelta(minutes=self.person.offset_minutes))
        stamp = f"{int(self.at.timestamp())} {self.at.astimezone(offset).strftime('%z')}"
        return f"{role} {self.person.name} <{self.person.email}> {stamp}\n".encode()


class Stream:
    """Commits, tags and refs in the order in which they are to be made."""

    def __init__(self) -> None:
        self._parts: list[bytes] = [b"feature done\n"]
        self._marks = 0

    def commit(
        self,
        *,
        author: Written,
        committer: Written,
        message: str,
        parents: tuple[int, ...],
        changes: Mapping[str, Lines | None],
    ) -> int:
        """One commit over marks; `changes` are against the first parent. Answers its mark."""
        self._marks += 1
        text = message.encode()
        parts = self._parts
        # Every commit resets the one working ref; the branches are set at the end.
        parts.append(b"commit refs/story/work\nmark :%d\n" % self._marks)
        parts += [author.line("author"), committer.line("committer"), b"data %d\n%s\n" % (len(text), text)]
        for number, parent in enumerate(parents):
            parts.append(b"%s :%d\n" % (b"from" if number == 0 else b"merge", parent))
        for path, lines in changes.items():
            if lines is None:
                parts.append(b"D %s\n" % path.encode())
            else:
                content = ("\n".join(lines) + "\n").encode()
                parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
        parts.append(b"\n")
        return self._marks

    def branch(self, name: str, mark: int) -> None:
        """A branch at a mark."""
        self._parts.append(b"reset refs/heads/%s\nfrom :%d\n\n" % (name.encode(), mark))

    def tag(self, name: str, mark: int, *, tagger: Written, message: str) -> None:
        """An annotated tag of a mark."""
        text = message.encode()
        self._parts.append(b"tag %s\nfrom :%d\n" % (name.encode(), mark))
        self._parts += [tagger.line("tagger"), b"data %d\n%s\n" % (len(text), text)]

    def keep(self, mark: int, number: int) -> None:
        """A hidden ref, so that commits which no branch holds any more are not lost."""
        self._parts.append(b"reset refs/kept/%d\nfrom :%d\n\n" % (number, mark))

    def write(self, path: Path) -> dict[int, str]:
        """Fill the empty repository at `path`; answers mark -> hash."""
        self._parts.append(b"reset refs/story/work\nfrom %s\n\ndone\n" % (b"0" * 40))
        # Deltas, compression and fsync save what a temporary repository does not need to save.
        fast = ("-c", "core.compression=0", "-c", "core.fsync=none")
        stream = path / _STREAM
        stream.write_bytes(b"".join(self._parts))
        self._parts.clear()
        run(
            path, *fast, "fast-import", "--quiet", "--force", "--depth=0", "--date-format=raw",
            f"--export-marks={_MARKS}", stdin=stream,
        )  # fmt: skip
        stream.unlink()
        lines = (path / _MARKS).read_text().splitlines()
        return {int(mark[1:]): commit_hash for mark, commit_hash in (line.split() for line in lines)}
