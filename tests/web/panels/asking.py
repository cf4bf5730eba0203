"""How tests ask for pages: signed addresses, page tokens, and what a reader sees of an answer."""

import re
from urllib.parse import quote

from tests.tenants import ALICE_REPOSITORY, BOB
from tests.web.signing import signed_url

REFRESH = "/panels/repository/refresh"


def panel(repository_uuid=ALICE_REPOSITORY, user=BOB, *, extra="", **signing):
    target = f"/panels/repository?repository={quote(repository_uuid)}"
    if user is not None:
        target += f"&user={quote(user)}"
    return signed_url(target + extra, **signing)


def page_token(answer):
    found = re.search(r'name="bittern-page-token" content="([^"]+)"', answer.get_data(as_text=True))
    return found and found[1]


def text(answer):
    """What a reader sees, in one line."""
    body = answer.get_data(as_text=True).partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def bearer(token, **headers):
    return {"Authorization": f"Bearer {token}", "HX-Request": "true", **headers}
