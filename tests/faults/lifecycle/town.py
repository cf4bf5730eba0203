"""Bitbucket, as the three know it: their repositories, who administers them, and whose token may ask for what."""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import jwt

from bitbucket.messages import Headers, Response
from tests.faults.lifecycle.neighbours import NEIGHBOURS

TOKEN_PATH = "/site/oauth2/access_token"
TOKEN_SECONDS = 7200
NO_SECRET = "nothing-is-signed-with-this-0123456789"


def answer(value, status=200):
    return Response(status, Headers({"Content-Type": "application/json"}), json.dumps(value).encode())


class Town:
    """A Transport. A call that asks for one workspace with the token of another is noted: nothing of ours may make one."""

    def __init__(self):
        self.secrets = {}
        self.owner_of = {uuid: one for one in NEIGHBOURS for uuid in one.repositories}
        self.administers = {one.name: True for one in NEIGHBOURS}
        self.trespasses = []

    def send(self, request, *, deadline_seconds, max_bytes=0, sink=None):
        path = unquote(urlsplit(request.url).path)
        given = request.headers["Authorization"]
        found = self._token(given) if path == TOKEN_PATH else self._read(path, given)
        if sink is not None and found.status == 200:
            sink(found.body)
        return found

    def repository(self, uuid):
        """What is said of a repository: where it belongs now, and no word of anybody's."""
        owner = self.owner_of[uuid]
        return {
            "type": "repository",
            "uuid": uuid,
            "name": f"heron {uuid[-5:-1]}",
            "slug": "heron",
            "full_name": f"workspace-{owner.number}/heron",
            "is_private": True,
            "mainbranch": {"name": "main", "type": "branch"},
            "workspace": {"type": "workspace", "uuid": owner.workspace, "slug": f"workspace-{owner.number}"},
        }

    def _token(self, given):
        text = given.removeprefix("JWT ")
        issuer = jwt.decode(text, options={"verify_signature": False})["sub"]
        asking = next(one for one in NEIGHBOURS if one.client_key == issuer)
        try:
            # The clock is the test's: whether a token is in time is not what is asked here.
            options = {"verify_exp": False, "verify_iat": False, "verify_aud": False, "verify_nbf": False}
            jwt.decode(text, self.secrets.get(asking.name, NO_SECRET), algorithms=["HS256"], options=options)
        except jwt.InvalidTokenError:
            return answer({"error": "invalid_grant"}, 401)
        scopes = "account repository pullrequest"
        return answer({"access_token": f"bearer-of-{asking.name}", "expires_in": TOKEN_SECONDS, "scopes": scopes})

    def _read(self, path, given):
        asking = next(one for one in NEIGHBOURS if given == f"Bearer bearer-of-{one.name}")
        parts = path.split("/")[2:]  # after /2.0
        workspace = parts[1] if len(parts) > 1 else ""
        if any(workspace == one.workspace for one in NEIGHBOURS if one is not asking):
            self.trespasses.append((asking.name, path))
            return answer({"type": "error", "error": {"message": "not yours"}}, 403)
        return self._answer(asking, parts) or answer({"type": "error", "error": {"message": "not found"}}, 404)

    def _answer(self, asking, parts):
        match parts:
            case ["workspaces", _]:
                return answer({"type": "workspace", "uuid": asking.workspace, "slug": f"workspace-{asking.number}"})
            case ["workspaces", _, "permissions"]:
                permission = "owner" if self.administers[asking.name] else "member"
                return answer({"values": [{"permission": permission, "user": asking.administrator}]})
            case ["repositories", _]:
                return answer({"values": [self.repository(one) for one in self._owned(asking)]})
            case ["repositories", _, uuid, *rest] if uuid in self._owned(asking):
                return self._of_repository(uuid, rest)
        return None

    def _of_repository(self, uuid, rest):
        if not rest:
            return answer(self.repository(uuid))
        is_list = rest[-1] in {"pullrequests", "branches", "tags", "statuses", "commits", "issues"}
        return answer({"values": [], "size": 0}) if is_list else None

    def _owned(self, asking):
        return [uuid for uuid, owner in self.owner_of.items() if owner is asking]
