"""What a page of the service holds, read as a browser would: its token, its scripts, whether it shows a state or content."""

from __future__ import annotations

import html
import re

from tests.security.recipes.errors import RecipeError

PAGE_TOKEN = re.compile(r'<meta name="bittern-page-token" content="([^"]+)">')
STATE = re.compile(r'<div class="state">')
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
SUBRESOURCE = re.compile(
    r"<(?:img|script|link|iframe|source|video|audio|embed|object)\b[^>]*?(?:src|href|data)=[\"']([^\"']+)"
)


def page_token_in(text: str) -> str:
    """The service's own token in a page; raises RecipeError where there is none."""
    found = PAGE_TOKEN.search(text)
    if found is None:
        raise RecipeError("the panel holds no page token, so no session of the service can be had")
    return html.unescape(found[1])


def shows_a_state(text: str) -> bool:
    """Whether the page shows that something is wrong or not ready, instead of content."""
    return STATE.search(text) is not None


def inline_scripts(text: str) -> list[str]:
    """Scripts whose code stands in the page."""
    return [script["body"] for script in SCRIPT.finditer(text) if script["body"].strip()]


def script_count(text: str) -> int:
    return len(SCRIPT.findall(text))


def subresources(text: str) -> list[str]:
    """Addresses that the page makes a browser load."""
    return [html.unescape(address) for address in SUBRESOURCE.findall(text)]
