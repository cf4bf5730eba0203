"""How tests open a live tab: as the page's own script does, with the token that the page was given."""

from urllib.parse import quote

from tests.tenants import ALICE_REPOSITORY, BOB
from tests.web.panels.asking import bearer, page_token
from tests.web.signing import signed_url


def open_page(client, user=BOB):
    """The token of a repository page that was opened by this user."""
    target = f"/pages/repository?repository={quote(ALICE_REPOSITORY)}&user={quote(user)}"
    return page_token(client.get(signed_url(target)))


def open_tab(client, path, *, user=BOB, token=None):
    return client.get(path, headers=bearer(token or open_page(client, user)))


def seen(answer):
    """What a reader sees of a fragment, in one line."""
    import re

    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())
