"""Enough of Markdown for READMEs, descriptions and comments to read well; everything is escaped first.

Headings, lists, quotes, fenced code, rules, and within a line code, bold, emphasis and links to http addresses. What is
none of these stays as it was written.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FENCE = re.compile(r"^(```|~~~)")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(.*)$")
_QUOTE = re.compile(r"^>\s?(.*)$")
_RULE = re.compile(r"^(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")
_CODE = re.compile(r"`([^`\n]+)`")
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[([^\]\n]*)\]\([^)\s]+\)"), r"\1"),
    (re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)"), r'<a href="\2" rel="noreferrer">\1</a>'),
    (re.compile(r"\*\*(?!\s)([^*\n]+)(?<!\s)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*(?!\s)([^*\n]+)(?<!\s)\*(?![\w*])"), r"<em>\1</em>"),
)


def to_markup(text: str) -> Markup:
    """`text` as HTML that is safe to put into a page."""
    # Everything below escapes what it takes over.
    return Markup("".join(_blocks(text.replace("\r\n", "\n").split("\n"))))  # noqa: S704


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _RULE.match(line):
            at += 1
            continue
        for matches, make in _KINDS:
            if matches(line):
                end = _end(lines, at, _is_list if make is _list else matches)
                yield make(lines[at:end])
                at = end
                break


def _end(lines: list[str], start: int, matches: Callable[[str], object]) -> int:
    """Where the block that begins at `start` ends: the first line that is no longer of its kind."""
    if _FENCE.match(lines[start]):
        closing = (number for number in range(start + 1, len(lines)) if _FENCE.match(lines[number]))
        return next(closing, len(lines) - 1) + 1
    if _HEADING.match(lines[start]):
        return start + 1
    end = start + 1
    while end < len(lines) and lines[end].strip() and matches(lines[end]):
        end += 1
    return end


def _inline(text: str) -> str:
    """One line's own marks; code keeps what it holds."""
    pieces = _CODE.split(html.escape(text))
    for number in range(0, len(pieces), 2):
        for pattern, replacement in _INLINE:
            pieces[number] = pattern.sub(replacement, pieces[number])
    return "".join(piece if number % 2 == 0 else f"<code>{piece}</code>" for number, piece in enumerate(pieces))


def _fenced(lines: list[str]) -> str:
    body = lines[1:-1] if len(lines) > 1 and _FENCE.match(lines[-1]) else lines[1:]
    return f"<pre><code>{html.escape(chr(10).join(body))}</code></pre>"


def _heading(lines: list[str]) -> str:
    match = _HEADING.match(lines[0])
    level = min(len(match.group(1)) + 1, 6) if match else 6
    return f"<h{level}>{_inline(match.group(2) if match else lines[0])}</h{level}>"


def _list(lines: list[str]) -> str:
    """Flat; a line that is no item continues the one before it."""
    items: list[str] = []
    for line in lines:
        match = _ITEM.match(line)
        if match or not items:
            items.append(match.group(1) if match else line)
        else:
            items[-1] += " " + line.strip()
    return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"


def _quote(lines: list[str]) -> str:
    inner = [match.group(1) if (match := _QUOTE.match(line)) else line for line in lines]
    return f"<blockquote><p>{_inline(' '.join(inner))}</p></blockquote>"


def _paragraph(lines: list[str]) -> str:
    return f"<p>{_inline(chr(10).join(lines))}</p>"


def _is_paragraph(line: str) -> bool:
    return not (_FENCE.match(line) or _HEADING.match(line) or _ITEM.match(line) or _QUOTE.match(line))


def _is_list(line: str) -> bool:
    return bool(_ITEM.match(line)) or line.startswith("  ")


_KINDS: tuple[tuple[Callable[[str], object], Callable[[list[str]], str]], ...] = (
    (_FENCE.match, _fenced),
    (_HEADING.match, _heading),
    (_ITEM.match, _list),
    (_QUOTE.match, _quote),
    (_is_paragraph, _paragraph),
)
