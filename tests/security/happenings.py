"""What happens in the simulated workspaces before an entry, and how the service is told: by signed webhooks, as Bitbucket would."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from tests.security.laboratory import signed_token
from tests.security.recipes.cast import repository_name, repository_slug

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory
    from tests.security.wire import Answer


def act(laboratory: Laboratory, action: str, **arguments: object) -> Any:
    """Let something happen in the simulated world; its API shows it from then on."""
    return laboratory.system.control.post("/act", {"action": action, **arguments})["result"]


def open_pull_request(laboratory: Laboratory, *, title: str = "Mend the gate", author: str | None = None) -> Any:
    """A pull request in A's open repository, as the API shows it. The service is not told."""
    tenant = laboratory.cast.tenant("A")
    repository = tenant.repositories["repo_open"]
    branch = f"topic-{uuid.uuid4().hex[:8]}"
    act(laboratory, "create_branch", repository=repository, name=branch, target="main")
    act(laboratory, "push_commit", repository=repository, branch=branch, message="Mend", files={branch: "new\n"})
    who = author or tenant.users["user_member"]
    return act(laboratory, "open_pull_request", repository=repository, author=who, title=title, source=branch)


def webhook(event: str, data: dict[str, Any], *, at: float | None = None, tenant: str = "A") -> dict[str, Any]:
    """The entry of a valid webhook about a tenant's open repository, with these members in its body."""
    headers = {"X-Event-Key": event, "X-Request-UUID": "$uuid", "X-Hook-UUID": "$uuid", "X-Attempt-Number": "1"}
    if at is not None:
        headers["X-Event-Time"] = format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)
    request = {
        "method": "POST",
        "path": "/webhook",
        "headers": headers,
        "raw": json.dumps({"event": event, "data": data}),
    }
    return {"target": "webhook", "request": request, "token": signed_token(tenant)}


def tell_of_pull_request(
    laboratory: Laboratory, pull_request: dict[str, Any], event: str = "pullrequest:created", *, at: float | None = None
) -> Answer:
    """Send the webhook that says how a pull request of A is now."""
    return laboratory.ask(webhook(event, {"pullrequest": pull_request, **_surroundings(laboratory)}, at=at))


def now() -> float:
    """Seconds since 1970, as the services of this machine count them."""
    return time.time()


def _surroundings(laboratory: Laboratory) -> dict[str, Any]:
    tenant = laboratory.cast.tenant("A")
    repository = {
        "type": "repository",
        "uuid": tenant.repositories["repo_open"],
        "name": repository_name(tenant, "repo_open"),
        "full_name": f"{tenant.slug}/{repository_slug('repo_open')}",
        "is_private": False,
        "workspace": {"type": "workspace", "uuid": tenant.workspace_uuid, "slug": tenant.slug},
    }
    actor = {"type": "user", "uuid": tenant.users["user_member"], "display_name": "Member of A"}
    return {"repository": repository, "actor": actor}
