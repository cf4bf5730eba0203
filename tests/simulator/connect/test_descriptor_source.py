"""Fetching descriptors."""

from __future__ import annotations

import contextlib

import pytest
from flask import Flask, Response, redirect

from simulator.connect.descriptor_source import DescriptorSource
from simulator.connect.errors import DescriptorRefused
from simulator.connect.outgoing import Outgoing
from simulator.connect.settings import ConnectSettings
from simulator.server import Server, free_port
from tests.simulator.stand_in import descriptor


@pytest.fixture
def server():
    app = Flask("descriptors")
    document = descriptor("bittern", "https://app.example")
    app.add_url_rule("/good.json", "good", lambda: document)
    app.add_url_rule("/moved", "moved", lambda: redirect("/good.json"))
    app.add_url_rule("/loop", "loop", lambda: redirect("/loop"))
    app.add_url_rule("/bad.json", "bad", lambda: {**document, "baseUrl": "https://app.example/"})
    app.add_url_rule("/page", "page", lambda: "<html>")
    app.add_url_rule("/list.json", "list", lambda: Response("[]", content_type="application/json"))
    with Server(app, port=free_port()) as running:
        yield running


@pytest.fixture
def source():
    with contextlib.closing(Outgoing()) as outgoing:
        yield DescriptorSource(outgoing, settings=ConnectSettings())


def refusal(source, url):
    with pytest.raises(DescriptorRefused) as refused:
        source.fetch(url)
    return refused.value.problems


@pytest.mark.parametrize("path", ["/good.json", "/moved"])
def test_it_reads_what_is_there_and_follows_a_move(source, server, path):
    assert source.fetch(server.url + path).key == "bittern"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing", "answered 404"),
        ("/page", "is not JSON"),
        ("/list.json", "must be a JSON object"),
        ("/bad.json", "must not end with a slash"),
        ("/loop", "could not be fetched"),
    ],
)
def test_it_says_what_is_wrong_with_what_it_got(source, server, path, words):
    (problem,) = refusal(source, server.url + path)
    assert words in problem


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://app.example/atlassian-connect.json", "must use https"),
        ("file:///etc/passwd", "is not the address of a descriptor"),
        ("atlassian-connect.json", "is not the address of a descriptor"),
        ("", "is not the address of a descriptor"),
    ],
)
def test_it_asks_only_https_addresses_and_this_machine(source, url, words):
    (problem,) = refusal(source, url)
    assert words in problem


def test_it_says_where_nobody_answers(source):
    (problem,) = refusal(source, f"http://127.0.0.1:{free_port()}/x.json")
    assert "could not be reached" in problem


def test_a_descriptor_can_be_checked_without_being_fetched(source):
    assert source.check(descriptor("bittern", "https://app.example")).key == "bittern"
    with pytest.raises(DescriptorRefused):
        source.check({})
