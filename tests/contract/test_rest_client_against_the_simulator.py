"""Our REST client against the local Bitbucket, which shares no code with it: what one sends, the other understands."""

from __future__ import annotations

import contextlib
import shutil
import time
from datetime import UTC, datetime

import pytest

from bitbucket import (
    addon,
    commits,
    diffs,
    pull_request_activity,
    pull_request_reviews,
    pull_requests,
    refs,
    repositories,
    source,
    users,
    workspaces,
)
from bitbucket.bearer_tokens import BearerTokens
from bitbucket.client import BitbucketClient
from bitbucket.credentials import Anonymous, ConnectJwt, SwappedBearer
from bitbucket.deadline import Deadline
from bitbucket.errors import (
    BadRequest,
    Forbidden,
    GrantRefused,
    NotFound,
    RateLimited,
    ServerFault,
    TimedOut,
    Unauthorized,
)
from bitbucket.operation_table import call
from bitbucket.paths import path
from bitbucket.resources import Branch, PullRequest, Workspace
from bitbucket.transport import RequestsTransport
from connect.tokens import sign_outbound
from tests.simulator.live import start_live
from tests.simulator.small_world import write_repositories

APP_KEY = "bittern"
CLIENT_KEY = "connection:1001"
SECRET = "acme-secret-that-is-long-enough-for-hs256"


def now():
    return datetime.now(UTC)


def sign(*, client_key, secret, method, url):
    return sign_outbound(
        app_key=APP_KEY, client_key=client_key, secret=secret, method=method, url=url, now=int(time.time())
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_repositories(tmp_path_factory.mktemp("written"))


@pytest.fixture
def live(written, tmp_path):
    """A local Bitbucket in which Acme has our app installed."""
    with contextlib.ExitStack() as closing:
        found = start_live(shutil.copytree(written, tmp_path / "repositories"), closing)
        wish = {
            "client_key": CLIENT_KEY,
            "shared_secret": SECRET,
            "workspace_uuid": found.cast.acme.uuid,
            "app_key": APP_KEY,
        }
        found.control("POST", "/installations", wish)
        yield found


@pytest.fixture
def transport(live):
    with RequestsTransport([live.url]) as opened:
        yield opened


@pytest.fixture
def client_as(live, transport):
    return lambda credential, **options: BitbucketClient(transport, credential, api_url=live.url, now=now, **options)


@pytest.fixture
def tokens(live, transport):
    return BearerTokens(transport, sign=sign, site_url=live.url, now=now)


@pytest.fixture(params=["Connect JWT", "swapped bearer"])
def client(request, client_as, tokens):
    """The installation, in both of the ways in which it can speak."""
    if request.param == "Connect JWT":
        return client_as(ConnectJwt(CLIENT_KEY, SECRET, sign=sign))
    return client_as(SwappedBearer(tokens, CLIENT_KEY, SECRET))


@pytest.fixture
def where(live):
    return live.cast.acme.uuid, live.cast.paint.uuid


class TestReading:
    def test_the_repository(self, client, where, live):
        found = repositories.repository(client, *where)
        assert (found.uuid, found.slug, found.workspace.uuid) == (where[1], "paint", where[0])
        assert repositories.repository(client, "{}", where[1].strip("{}").upper()) == found
        assert [one.slug for one in repositories.repositories_of(client, live.cast.acme.slug)] == ["paint"]

    def test_branches_and_the_newest_commit(self, client, where):
        main = repositories.repository(client, *where).mainbranch.name
        page = refs.newest_branches(client, *where)
        dates = [branch.target.date for branch in page.values]
        assert (page.size, dates) == (len(page.values), sorted(dates, reverse=True))
        tip = refs.branch(client, *where, main).target
        assert commits.newest_commit(client, *where, main).hash == tip.hash
        assert {
            status.state for status in commits.build_statuses(client, *where, tip.hash).values
        } <= commits.BUILD_STATES

    def test_pull_requests_with_who_takes_part(self, client, where, live):
        found = pull_requests.open_pull_requests(client, *where)
        told = live.cast.pull_request
        ours = next(one for one in found.pull_requests if one.id == told.id)
        assert (found.total, found.foreign_count) == (len(found.pull_requests), 0)
        assert ours.reviewers is not None
        assert {one.role for one in ours.participants} <= {"REVIEWER", "PARTICIPANT", "AUTHOR"}
        assert pull_requests.pull_request(client, *where, told.id).title == told.title
        assert told.id in {one.id for one in pull_requests.page_of_pull_requests(client, *where).values}

    def test_what_happened_on_one(self, client, where, live):
        number = live.cast.pull_request.id
        assert any(entry.update for entry in pull_request_activity.activity(client, *where, number))
        texts = [comment.content.raw for comment in pull_request_reviews.comments(client, *where, number)]
        assert len(texts) == len(live.cast.pull_request.comments)
        assert all(task.state for task in pull_request_reviews.tasks(client, *where, number))

    def test_its_diff_through_a_redirect(self, client, where, live):
        pieces = []
        diffs.diff_of_pull_request(client, *where, live.cast.pull_request.id, sink=pieces.append)
        assert b"".join(pieces).startswith(b"diff --git")
        assert list(diffs.files_of_pull_request(client, *where, live.cast.pull_request.id))

    def test_files(self, client, where):
        tip = refs.newest_branches(client, *where).values[0].target.hash
        names = [entry.path for entry in source.listing(client, *where, commit=tip)]
        pieces = []
        source.read_file(client, *where, commit=tip, file_path=names[0], sink=pieces.append)
        assert source.file_facts(client, *where, commit=tip, file_path=names[0]).size == len(b"".join(pieces))

    def test_people_and_workspaces(self, client, live):
        assert workspaces.workspace(client, live.cast.acme.uuid).slug == "acme"
        assert users.user(client, live.cast.bob.uuid).display_name == live.cast.bob.display_name
        assert workspaces.permission_of(client, live.cast.acme.uuid, live.cast.alice.uuid) == "owner"
        assert workspaces.permission_of(client, live.cast.acme.uuid, live.cast.charlie.uuid) is None

    def test_every_item_of_a_collection_in_pages_of_one(self, client, where):
        address = path("repositories", *where, "refs", "branches")
        paged = [branch.name for branch in client.iterate(address, Branch, params={"pagelen": 1})]
        assert sorted(paged) == sorted(
            branch.name for branch in refs.newest_branches(client, *where, pagelen=100).values
        )

    def test_any_operation_by_its_name(self, client, where):
        template = "GET /repositories/{workspace}/{repo_slug}/pullrequests"
        answer = call(client, template, workspace=where[0], repo_slug=where[1], pagelen=50)
        assert answer.status == 200


class TestRefusals:
    def test_another_workspace_is_not_there(self, client, live):
        with pytest.raises((NotFound, Forbidden)):
            repositories.repository(client, live.cast.other.uuid, live.cast.secret.uuid)

    def test_a_wrong_secret_is_unauthorized(self, client_as, where):
        wrong = client_as(ConnectJwt(CLIENT_KEY, SECRET[::-1], sign=sign))
        with pytest.raises(Unauthorized):
            repositories.repository(wrong, *where)

    def test_a_wrong_secret_gets_no_bearer_token(self, client_as, tokens, where):
        with pytest.raises(GrantRefused):
            repositories.repository(client_as(SwappedBearer(tokens, CLIENT_KEY, SECRET[::-1])), *where)

    def test_nobody_sees_a_private_repository(self, client_as, live):
        with pytest.raises((NotFound, Unauthorized, Forbidden)):
            repositories.repository(client_as(Anonymous()), live.cast.other.uuid, live.cast.secret.uuid)

    def test_an_old_address_names_the_new_one(self, client):
        with pytest.raises(NotFound, match="Teams became workspaces"):
            client.get("/2.0/teams/acme", Workspace)

    def test_a_page_that_is_too_large(self, client, where):
        with pytest.raises(BadRequest, match="Invalid pagelen"):
            client.page(path("repositories", *where, "pullrequests"), PullRequest, params={"pagelen": 51})

    def test_only_the_installation_itself_may_update_itself(self, client_as, tokens):
        with pytest.raises(Forbidden):
            addon.update_addon(client_as(SwappedBearer(tokens, CLIENT_KEY, SECRET)))


class TestTrouble:
    def test_a_quota_that_is_used_up(self, client, live, where):
        live.control("POST", "/faults", {"match": "/2.0/repositories/", "status": 429, "times": 1})
        with pytest.raises(RateLimited) as raised:
            repositories.repository(client, *where)
        assert raised.value.retry_at > now()
        assert repositories.repository(client, *where).slug == "paint"

    def test_a_short_outage_is_ridden_out(self, client, live, where):
        live.control("POST", "/faults", {"match": "/2.0/repositories/", "status": 503, "times": 2})
        assert repositories.repository(client, *where).slug == "paint"

    def test_an_error_of_theirs_is_told(self, client, live, where):
        live.control("POST", "/faults", {"match": "/2.0/repositories/", "status": 500, "times": 1})
        with pytest.raises(ServerFault):
            repositories.repository(client, *where)

    def test_silence_ends_at_the_deadline(self, client, live, where):
        live.control("POST", "/faults", {"match": "/2.0/repositories/", "hang": True, "times": 1})
        with pytest.raises(TimedOut):
            repositories.repository(client.within(Deadline(0.5, clock=time.monotonic)), *where)

    def test_a_revoked_token_is_swapped_again(self, client_as, tokens, live, where):
        client = client_as(SwappedBearer(tokens, CLIENT_KEY, SECRET))
        first = tokens.token(CLIENT_KEY, SECRET)
        live.control("POST", "/faults", {"match": "/2.0/repositories/", "status": 401, "times": 1})
        assert repositories.repository(client, *where).slug == "paint"
        assert tokens.token(CLIENT_KEY, SECRET) != first
