"""How tests open the Setup pages and send their forms, as a browser without scripts does."""

import html
import re
from urllib.parse import quote

from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB
from tests.web.fake_bitbucket import page
from tests.web.signing import signed_url

CONFIGURE = "/pages/configure"
REPOSITORY = "/pages/configure/repository"
SETTINGS = "/pages/configure/settings"
REPLAY = "/pages/configure/replay"
EXPORT = "/pages/configure/export"
DELETE = "/pages/configure/delete"
RESUME = "/pages/configure/resume"
TOKEN = "/pages/configure/token"
PERMISSIONS = f"/2.0/workspaces/{ALICE_WORKSPACE}/permissions"


def make_administrator(bitbucket, user=BOB, *, permission="owner"):
    """Have Bitbucket say what somebody is in Alice's workspace."""
    bitbucket.answers(PERMISSIONS, page({"permission": permission, "user": {"uuid": user}}))


def configure(user=BOB, **signing):
    target = CONFIGURE if user is None else f"{CONFIGURE}?user={quote(user)}"
    return signed_url(target, **signing)


def configure_repository(repository=ALICE_REPOSITORY, user=BOB, **signing):
    return signed_url(f"{REPOSITORY}?repository={quote(repository)}&user={quote(user)}", **signing)


def form_token(answer):
    """The token in the page's forms: the same in all of them."""
    found = set(re.findall(r'name="page_token" value="([^"]+)"', answer.get_data(as_text=True)))
    assert len(found) <= 1
    return found.pop() if found else None


def fields(answer):
    """What a browser would send of the settings: names and values of what is filled in, checked and chosen."""
    form = answer.get_data(as_text=True).partition('<form class="settings"')[2].partition("</form>")[0]
    sent = []
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if attributes.get("type") == "file" or ("checkbox" in tag and " checked" not in tag):
            continue
        sent.append((attributes["name"], html.unescape(attributes.get("value", ""))))
    for name, content in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        sent.append((name, html.unescape(content)))
    for name, content in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent.append((name, html.unescape(re.search(r'<option value="([^"]*)" selected', content)[1])))
    return sent


def changed(sent, **values):
    """The fields with some other values; a list stands for several boxes, None for none."""
    kept = [(name, value) for name, value in sent if name not in values]
    for name, value in values.items():
        several = value if isinstance(value, list) else [] if value is None else [value]
        kept.extend((name, one) for one in several)
    grouped = {}
    for name, value in kept:
        grouped.setdefault(name, []).append(value)
    return grouped
