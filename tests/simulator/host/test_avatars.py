"""Pictures drawn from names."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from simulator.host.avatars import picture


def parsed(answer):
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    return ET.fromstring(answer.get_data(as_text=True))  # noqa: S314 - our own picture


def drawn(site, path):
    return parsed(site.client.get(path))


def text_of(tree):
    return tree.find("{http://www.w3.org/2000/svg}text").text


@pytest.mark.parametrize(
    ("path", "letters"),
    [
        ("/account/alice/avatar/", "AE"),
        ("/account/acme/avatar/", "A"),
        ("/account/nobody/avatar/", "?"),
        ("/workspaces/acme/avatar/", "A"),
        ("/workspaces/acme/avatar/?ts=1", "A"),
        ("/workspaces/nobody/avatar/", "?"),
        ("/ravatar/nobody", "?"),
    ],
)
def test_an_avatar_holds_the_initials_of_its_owner(site, path, letters):
    assert text_of(drawn(site, path)) == letters


def test_the_addresses_of_representations_lead_to_pictures(site):
    body = site.simulator.world
    assert text_of(drawn(site, f"/account/{site.cast.bob.uuid}/avatar/")) == "BE"
    assert text_of(drawn(site, f"/ravatar/{site.cast.paint.uuid}?ts=1")) == "P"
    assert body is site.cast.world


def test_people_are_round_and_things_are_not():
    def radius(answer):
        return float(parsed(answer)[0].get("rx"))

    assert radius(picture("x", corner_percent=50)) > radius(picture("x", corner_percent=22))


def test_a_strange_name_stays_text():
    tree = parsed(picture("<&", corner_percent=50))
    assert tree.find("{http://www.w3.org/2000/svg}text").text == "<"
