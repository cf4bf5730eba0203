"""`flask bittern api` against the local Bitbucket: what a shell gets on its two outputs, and how it ends."""

import json

import pytest

from tests.cli.api.conftest import ALICE, ALICES_TOKEN

PAINT = "repositories/acme/paint"
LIMITED = "Rate limit for this resource has been exceeded"


def answer_of(ran):
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout)


def requests_to(bitbucket, method):
    return [one for one in bitbucket.control("GET", "/requests") if one["method"] == method]


# What is asked -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PAINT, f"/{PAINT}", f"2.0/{PAINT}", f"/2.0/{PAINT}"])
def test_a_path_is_read_with_or_without_its_root(call, path):
    assert answer_of(call(path, "--anonymous"))["full_name"] == "acme/paint"


def test_a_whole_address_is_taken_where_it_is_bitbuckets(call, bitbucket):
    link = answer_of(call(PAINT, "--anonymous"))["links"]["self"]["href"]
    assert answer_of(call(link, "--anonymous"))["slug"] == "paint"
    elsewhere = call("https://example.com/2.0/user", "--anonymous")
    assert (elsewhere.exit_code, elsewhere.stdout) == (2, "")
    assert "not on" in elsewhere.stderr


def test_a_repository_is_found_by_its_uuid_alone(call, bitbucket):
    uuid = bitbucket.cast.paint.uuid.strip("{}").upper()
    assert answer_of(call(f"repositories/{{}}/{uuid}", "--anonymous"))["slug"] == "paint"


def test_placeholders_stand_for_the_repository_that_is_named(call):
    path = "repositories/{workspace}/{repo_slug}"
    assert answer_of(call(path, "--anonymous", "-R", "acme/paint"))["slug"] == "paint"
    assert answer_of(call(path, "--anonymous", BITTERN_API_REPOSITORY="acme/paint"))["slug"] == "paint"


def test_query_and_fields_are_sent(call):
    found = answer_of(
        call(f"{PAINT}/refs/branches", "--anonymous", "--query", 'q=name = "main"', "--fields", "values.name")
    )
    assert found == {"values": [{"name": "main"}]}


def test_fields_are_a_query_where_nothing_is_sent(call):
    found = answer_of(call("-X", "get", f"{PAINT}/refs/branches", "--anonymous", "-F", "pagelen=1", "-f", "sort=-name"))
    assert [one["name"] for one in found["values"]] == ["main"]


def test_fields_make_a_post_and_its_body(call, bitbucket):
    made = answer_of(call(f"{PAINT}/issues", *ALICE, "-f", "title=12", "-F", "content[raw]=It drips"))
    assert (made["title"], made["content"]["raw"]) == ("12", "It drips")
    changed = answer_of(call("-X", "PUT", f"{PAINT}/issues/{made['id']}", *ALICE, "-f", "priority=blocker"))
    assert changed["priority"] == "blocker"
    gone = call("-X", "DELETE", f"{PAINT}/issues/{made['id']}", *ALICE)
    assert (gone.exit_code, gone.stdout, gone.stderr) == (0, "", "")


def test_a_typed_field_keeps_its_type(call):
    refused = call(f"{PAINT}/issues", *ALICE, "-F", "title=12")
    assert refused.exit_code == 1
    assert "title: expected a string" in refused.stderr


def test_a_body_may_come_from_a_file_or_from_standard_input(call, tmp_path):
    body = tmp_path / "issue.json"
    body.write_text('{"title": "From a file"}')
    assert answer_of(call(f"{PAINT}/issues", *ALICE, "--input", body))["title"] == "From a file"
    assert answer_of(call(f"{PAINT}/issues", *ALICE, "--input", "-", given=b'{"title": "Piped"}'))["title"] == "Piped"


def test_a_put_without_a_body_says_that_it_has_none(call, bitbucket):
    approved = answer_of(call("-X", "POST", f"{PAINT}/pullrequests/1/approve", *ALICE))
    assert approved["approved"] is True


def test_a_form_is_sent_with_its_files(call, tmp_path):
    (tmp_path / "colours.txt").write_bytes(b"blue\r\n\xff")
    made = call(
        f"{PAINT}/src", *ALICE, "--form", "-f", "message=Colours", "-f", "branch=main", "-F",
        f"docs/colours.txt=@{tmp_path / 'colours.txt'}",
    )  # fmt: skip
    assert made.exit_code == 0, made.stderr
    assert call(f"{PAINT}/src/main/docs/colours.txt", "--anonymous").stdout_bytes == b"blue\r\n\xff"


def test_headers_of_ones_own_are_sent(call, bitbucket):
    ran = call(PAINT, "--anonymous", "-H", "X-Why: curiosity", "--include")
    assert ran.exit_code == 0
    refused = call(PAINT, "--anonymous", "-H", "Authorization: Bearer x")
    assert refused.exit_code == 2


# What is printed -----------------------------------------------------------------------------------------------------


def test_a_file_comes_byte_by_byte(call):
    assert call(f"{PAINT}/src/main/logo.bin", "--anonymous").stdout_bytes == b"\0\1\2"


def test_a_diff_is_followed_to_where_it_is(call):
    assert call(f"{PAINT}/pullrequests/1/diff", "--anonymous").stdout.startswith("diff --git")


def test_the_head_is_printed_on_request(call):
    head, _, body = call(PAINT, "--anonymous", "--include").stdout.partition("\n\n")
    assert head.splitlines()[0] == "HTTP/1.1 200 OK"
    assert "Content-Type: application/json; charset=utf-8" in head
    assert json.loads(body)["slug"] == "paint"


def test_every_page_comes_as_one(call):
    ran = call(f"{PAINT}/refs/branches", "--anonymous", "--paginate", "--query", "pagelen=1")
    assert [one["name"] for one in answer_of(ran)["values"]] == ["feature/doors", "main"]
    assert ran.stderr == "1 page, 1 of 2 items\n2 pages, 2 items\n"
    assert call(f"{PAINT}/refs/branches", "--anonymous", "--paginate", "--quiet").stderr == ""


@pytest.mark.parametrize("fields", ["values.name", "-values.links", "-*,+values.name", "+values.target,-next"])
def test_paging_goes_on_whatever_fields_are_asked_for(call, fields):
    ran = call(f"{PAINT}/refs/branches", "--anonymous", "--paginate", "--query", "pagelen=1", f"--fields={fields}")
    assert len(answer_of(ran)["values"]) == 2


def test_opaque_pages_are_followed_too(call):
    ran = call(f"{PAINT}/commits/feature%2Fdoors", "--anonymous", "--paginate", "--query", "pagelen=1")
    assert len(answer_of(ran)["values"]) == 2


# As whom -------------------------------------------------------------------------------------------------------------


def test_a_person_is_named_by_address_and_token(call):
    assert answer_of(call("user", *ALICE))["nickname"] == "alice"
    environment = {"BITTERN_API_USER": "alice@example.com", "BITTERN_API_TOKEN": ALICES_TOKEN}
    assert answer_of(call("user", **environment))["nickname"] == "alice"


def test_a_secret_need_not_stand_on_the_line(call, tmp_path):
    (tmp_path / "token").write_text(f"{ALICES_TOKEN}\n")
    who = ("user", "--user", "alice@example.com", "--token")
    assert answer_of(call(*who, f"@{tmp_path / 'token'}"))["nickname"] == "alice"
    assert answer_of(call(*who, "@-", given=ALICES_TOKEN.encode()))["nickname"] == "alice"
    twice = call(f"{PAINT}/issues", "--user", "alice@example.com", "--token", "@-", "--input", "-", given=b"x")
    assert (twice.exit_code, "one thing only" in twice.stderr) == (2, True)
    absent = call(*who, f"@{tmp_path / 'absent'}")
    assert (absent.exit_code, "No such file" in absent.stderr) == (2, True)


def test_an_access_token_speaks_for_whom_it_was_made(call, bitbucket):
    from simulator.world.principal import Principal

    token = bitbucket.simulator.api.tokens.access_token(
        Principal("oauth2", bitbucket.cast.bob, scopes=frozenset({"account"}), quota_key="bob")
    )
    assert answer_of(call("user", "--access-token", token))["nickname"] == "bob"
    lacking = call(f"{PAINT}/issues", "--access-token", token)
    assert lacking.exit_code == 1
    assert "Scopes needed: issue. Granted: account." in lacking.stderr


def test_a_consumer_gets_a_token_first(call, bitbucket):
    from simulator.oauth import Consumer

    cast = bitbucket.cast
    consumer = Consumer("key", "consumer-secret", cast.acme, cast.alice, "https://example.com", frozenset({"account"}))
    bitbucket.simulator.api.tokens.add_consumer(consumer)
    assert answer_of(call("user", "--oauth-client", "key", "--oauth-secret", "consumer-secret"))["nickname"] == "alice"
    refused = call("user", "--oauth-client", "key", "--oauth-secret", "wrong")
    assert refused.exit_code == 1


# How it ends ---------------------------------------------------------------------------------------------------------


def test_bitbuckets_no_is_told_on_standard_error(call):
    ran = call("repositories/acme/nope", "--anonymous")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == "404 Repository acme/nope not found\n"


def test_the_answer_of_a_refusal_is_shown_on_request(call):
    ran = call("repositories/acme/nope", "--anonymous", "--include")
    head, _, body = ran.stdout.partition("\n\n")
    assert (ran.exit_code, head.splitlines()[0]) == (1, "HTTP/1.1 404 Not Found")
    assert json.loads(body)["type"] == "error"


def test_an_old_address_names_the_new_one(call):
    ran = call("teams/acme", "--anonymous")
    assert ran.exit_code == 1
    assert "use /2.0/workspaces/acme" in ran.stderr


def test_a_collection_that_breaks_off_is_a_failure_and_no_document(call, bitbucket):
    bitbucket.control("POST", "/faults", {"match": "page=2", "status": 429, "body": LIMITED, "times": 1})
    ran = call(f"{PAINT}/refs/branches", "--anonymous", "--paginate", "--query", "pagelen=1")
    assert ran.exit_code == 1
    assert f"429 {LIMITED}" in ran.stderr
    assert "Try again from" in ran.stderr
    with pytest.raises(json.JSONDecodeError):
        json.loads(ran.stdout)


def test_what_is_streamed_may_be_larger_than_what_is_held(call, bitbucket):
    size_bytes = 17 * 1024 * 1024
    for _ in range(2):
        bitbucket.control("POST", "/faults", {"match": "/src/main/", "gzip_bomb_bytes": size_bytes, "times": 1})
    held = call(f"{PAINT}/src/main/README.md", "--anonymous", "--include")
    assert (held.exit_code, "16777216 bytes" in held.stderr) == (1, True)
    streamed = call(f"{PAINT}/src/main/README.md", "--anonymous")
    assert (streamed.exit_code, len(streamed.stdout_bytes)) == (0, size_bytes)


def test_what_is_no_collection_cannot_be_paged(call):
    ran = call(PAINT, "--anonymous", "--paginate")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "leave --paginate out" in ran.stderr


def test_a_server_that_hangs_is_left_in_time(call, bitbucket):
    bitbucket.control("POST", "/faults", {"match": "/2.0/repositories/", "hang": True, "times": 1})
    ran = call(PAINT, "--anonymous", "--timeout", "0.3")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("No answer in time.")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["user"],
        ["user", "--anonymous", "--as", "acme"],
        ["user", "--user", "alice@example.com"],
        ["user", "--user", "alice", "--token", "app-password"],
        ["user", "--anonymous", "--token", "t"],
        ["user", "--anonymous", "--query", "page"],
        ["user", "--anonymous", "--fields", "a", "--query", "fields=b"],
        ["user", "--anonymous", "-X", "PATCH"],
        ["user", "--anonymous", "--input", "-", "-f", "a=b"],
        ["user", "--anonymous", "--input", "-", "-X", "GET"],
        ["user", "--anonymous", "--input", "/no/such/file", "-X", "PUT"],
        ["user", "--anonymous", "--form"],
        ["user", "--anonymous", "--form", "-f", "a=b", "-X", "DELETE"],
        ["user", "--anonymous", "--paginate", "-f", "a=b"],
        ["user", "--anonymous", "--paginate", "--include"],
        ["user", "--anonymous", "-F", "a[b=1"],
        ["repositories/{workspace}/{commit}", "--anonymous", "-R", "a/b"],
        ["repositories/../x", "--anonymous"],
        ["user", "--anonymous", "--timeout", "0"],
    ],
)
def test_what_is_not_understood_ends_with_2_and_nothing_is_sent(call, bitbucket, arguments):
    ran = call(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Usage: ")
    assert bitbucket.control("GET", "/requests") == []


def test_settings_that_are_wrong_end_with_2(call):
    ran = call("user", "--anonymous", BITTERN_API_URL="http://example.com")
    assert ran.exit_code == 2
    assert "BITTERN_API_URL must begin with https://" in ran.stderr


def test_a_secret_is_in_no_output(call):
    for token in (ALICES_TOKEN, "ATATT-wrong"):
        ran = call("repositories/acme/nope", "--user", "alice@example.com", "--token", token, "--include")
        assert ran.exit_code == 1
        assert token not in ran.stdout + ran.stderr
