"""Every kind of credential against the local Bitbucket: what each may do, and how each is renewed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from bitbucket import repositories
from bitbucket.bearer_tokens import BearerTokens
from bitbucket.client import Payload
from bitbucket.credentials import AccessToken, SwappedBearer
from bitbucket.errors import Forbidden, GrantRefused, NotFound, StateMismatch, Unauthorized
from bitbucket.oauth_consumer import ActingAsConsumer, ActingFor, OAuthConsumer, OAuthGrants, check_state, new_state
from bitbucket.operation_table import call
from bitbucket.resources import User
from bitbucket.transport import RequestsTransport
from tests.contract.conftest import now, sign
from tests.contract.guide_world import CLIENT_KEY, MOXIE, SECRET

CONSUMER = {"key": "punch", "secret": "punch-secret", "callback_url": "https://punch.example/back"}
MOXIE_ISSUES = "POST /repositories/{workspace}/{repo_slug}/issues"


def report_an_issue(client):
    return call(client, MOXIE_ISSUES, Payload.as_json({"title": "Flat"}), workspace="1team", repo_slug="moxie").status


def full_name(client, workspace="1team", slug="moxie"):
    return repositories.repository_named(client, workspace, slug).full_name


def nickname(client):
    return client.get("/2.0/user", User).nickname


class TestAccessTokens:
    @pytest.fixture
    def with_token(self, guide, client_of):
        def client(**wish):
            made = guide.live.control("POST", "/access-tokens", wish)
            return client_of(AccessToken(made["token"]))

        return client

    @pytest.mark.parametrize(
        "reach", [{"repository": "1team/moxie"}, {"workspace": "1team", "project": "PROJ"}, {"workspace": "1team"}]
    )
    def test_that_of_a_repository_a_project_and_a_workspace_read_what_they_were_made_for(
        self, guide, with_token, reach
    ):
        reach = {**reach, **({"project": next(iter(guide.team.projects))} if "project" in reach else {})}
        client = with_token(scopes=["repository"], **reach)
        assert full_name(client) == "1team/moxie"
        with pytest.raises(Forbidden) as raised:
            report_an_issue(client)
        assert (raised.value.required, raised.value.granted) == (("issue:write",), ("repository",))

    def test_that_of_a_repository_reaches_no_other(self, guide, with_token):
        guide.live.control("POST", "/repositories", {"workspace": "1team", "slug": "soda", "actor": "ann"})
        assert full_name(with_token(workspace="1team", scopes=["repository"]), slug="soda") == "1team/soda"
        with pytest.raises(NotFound):
            full_name(with_token(repository=MOXIE, scopes=["repository"]), slug="soda")

    def test_it_writes_what_its_scopes_allow(self, with_token):
        assert report_an_issue(with_token(repository="1team/moxie", scopes=["repository", "issue:write"])) == 201

    def test_one_that_has_expired_is_refused(self, with_token):
        with pytest.raises(Unauthorized):
            full_name(with_token(repository="1team/moxie", scopes=["repository"], lifetime_seconds=0))


class TestOAuth:
    @pytest.fixture
    def consumer(self, guide):
        wish = {"workspace": "1team", "user": "ann", "scopes": ["account", "repository", "issue:write"], **CONSUMER}
        guide.live.control("POST", "/consumers", wish)
        return OAuthConsumer(CONSUMER["key"], CONSUMER["secret"], guide.url)

    @pytest.fixture
    def grants(self, guide, consumer):
        with RequestsTransport([guide.url]) as transport:
            yield OAuthGrants(transport, consumer, now=now)

    @pytest.fixture
    def consented(self, consumer):
        """`consented(state)` is what the callback of the consumer receives when Ben has said yes."""

        def come_back(state):
            address = f"{consumer.authorize_url(state=state)}&user=ben"
            answer = urllib3.request("GET", address, redirect=False)
            assert answer.status == 302
            assert answer.headers["Location"].startswith(f"{CONSUMER['callback_url']}?")
            return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

        return come_back

    @pytest.fixture
    def tokens(self, grants, consented):
        state = new_state()
        received = consented(state)
        check_state(sent=state, received=received["state"])
        return grants.by_code(received["code"])

    def test_somebody_signs_in_and_is_acted_for(self, guide, grants, tokens, client_of):
        client = client_of(ActingFor(grants, tokens, on_rotation=pytest.fail))
        assert nickname(client) == "ben"
        assert report_an_issue(client) == 201
        assert [one.reporter for one in guide.moxie.issue_tracker.issues.values()] == [guide.ben]

    def test_a_sign_in_of_another_browser_is_refused(self, consented):
        with pytest.raises(StateMismatch):
            check_state(sent=new_state(), received=consented(new_state())["state"])

    def test_a_code_is_good_once(self, grants, consented):
        code = consented(new_state())["code"]
        grants.by_code(code)
        with pytest.raises(GrantRefused):
            grants.by_code(code)

    def test_a_refresh_token_is_replaced_when_it_is_used(self, guide, grants, tokens, client_of):
        kept = []
        client = client_of(ActingFor(grants, tokens, on_rotation=kept.append))
        guide.live.simulator.api.tokens.expire(tokens.access_token)
        assert nickname(client) == "ben"
        (renewed,) = kept
        assert renewed.refresh_token not in {None, tokens.refresh_token}
        with pytest.raises(GrantRefused):
            grants.by_refresh(tokens)

    def test_a_consumer_acts_as_its_owner(self, grants, client_of):
        assert nickname(client_of(ActingAsConsumer(grants))) == "ann"

    def test_a_wrong_secret_is_refused(self, guide, consumer):
        with RequestsTransport([guide.url]) as transport, pytest.raises(GrantRefused):
            OAuthGrants(transport, OAuthConsumer("punch", "guessed", guide.url), now=now).as_consumer()


class TestTheSwappedBearer:
    @pytest.fixture
    def narrowed(self, guide, client_of):
        with RequestsTransport([guide.url]) as transport:
            tokens = BearerTokens(transport, sign=sign, site_url=guide.url, now=now)
            yield lambda **narrowing: client_of(SwappedBearer(tokens, CLIENT_KEY, SECRET, **narrowing))

    def test_it_can_be_narrowed_to_a_scope(self, narrowed):
        assert full_name(narrowed(scope="repository")) == "1team/moxie"
        with pytest.raises(Forbidden):
            full_name(narrowed(scope="snippet"))
        with pytest.raises(GrantRefused):
            full_name(narrowed(scope="everything"))

    def test_it_can_be_narrowed_to_a_repository(self, guide, narrowed):
        made = guide.live.control("POST", "/repositories", {"workspace": "1team", "slug": "soda", "actor": "ann"})
        assert full_name(narrowed(repository_uuid=MOXIE)) == "1team/moxie"
        with pytest.raises(NotFound):
            full_name(narrowed(repository_uuid=made["uuid"]))
