"""Path patterns as git reads them, turned into regular expressions.

Source: gitignore(5), "Pattern format"; gitattributes(5) and Bitbucket's CODEOWNERS say how they differ from it.
"""

import re

MATCHES_NOTHING = "(?!)"


def regex_of(pattern: str, *, covers_contents: bool = True, has_classes: bool = True) -> str:
    """Return the regular expression that a whole path of the repository must match (``fullmatch``).

    A pattern without a slash in its beginning or middle matches a name at any depth; ``*`` and ``?`` stop at a slash, ``**``
    between slashes does not. ``covers_contents``: what matches a folder matches all that is in it (gitattributes: it does
    not). ``has_classes``: ``[a-z]`` is a class (CODEOWNERS: it is not).
    """
    is_folder = pattern.endswith("/")
    body = pattern.removesuffix("/")
    head = "" if "/" in body else "(?:.*/)?"
    tail = "/.*" if is_folder else "(?:/.*)?" if covers_contents else ""
    return head + _translated(body.removeprefix("/"), has_classes=has_classes) + tail


def _translated(body: str, *, has_classes: bool) -> str:
    parts: list[str] = []
    at = 0
    while at < len(body):
        part, at = _next_part(body, at, has_classes=has_classes)
        parts.append(part)
    return "".join(parts)


def _next_part(body: str, at: int, *, has_classes: bool) -> tuple[str, int]:
    """Return the expression of what stands at a place of the pattern, and the place after it."""
    if body[at] == "*":
        return _stars(body, at)
    if body[at] == "[" and has_classes and (end := body.find("]", at + 2)) > 0:
        return _class_of(body[at + 1 : end]), end + 1
    if body[at] == "\\" and at + 1 < len(body):
        return re.escape(body[at + 1]), at + 2
    return "[^/]" if body[at] == "?" else re.escape(body[at]), at + 1


def _stars(body: str, at: int) -> tuple[str, int]:
    """Return the expression of a run of stars: two or more that fill the room between slashes pass over slashes."""
    end = at
    while end < len(body) and body[end] == "*":
        end += 1
    fills_segment = (at == 0 or body[at - 1] == "/") and (end == len(body) or body[end] == "/")
    if end - at == 1 or not fills_segment:
        return "[^/]*", end
    return (".+", end) if end == len(body) else ("(?:.*/)?", end + 1)


def _class_of(inside: str) -> str:
    is_negated = inside[0] in "!^"
    members = inside[1:] if is_negated else inside
    escaped = members.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^")
    return f"(?!/)[{'^' if is_negated else ''}{escaped}]"
