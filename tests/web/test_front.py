"""The service's own page: what it is, and where the button leads."""

import re
from urllib.parse import parse_qs, urlsplit

from web.front import install_url


def button(answer):
    return re.search(r'class="button button-primary" href="([^"]+)"', answer.get_data(as_text=True))[1].replace(
        "&amp;", "&"
    )


def test_the_button_installs_by_the_descriptors_public_address(client):
    address = urlsplit(button(client.get("/")))

    assert (address.scheme, address.netloc, address.path) == ("https", "bitbucket.org", "/site/addons/authorize")
    assert parse_qs(address.query) == {"descriptor_uri": ["https://bittern.example.com/atlassian-connect.json"]}


def test_a_registered_app_is_installed_by_its_key(make_app):
    client = make_app(app_secret="app-wide-secret-0123456789", app_key="acme.bittern").test_client()

    assert parse_qs(urlsplit(button(client.get("/"))).query) == {"addon_key": ["acme.bittern"]}


def test_whatever_host_a_request_names_the_page_names_ours(client):
    page = client.get("/", headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"}).get_data(as_text=True)

    assert "evil.test" not in page
    assert "https://bittern.example.com/atlassian-connect.json" in page


def test_a_name_in_the_settings_is_text_and_not_markup(make_app):
    page = make_app(app_name="<b>Heron</b>").test_client().get("/").get_data(as_text=True)

    assert "&lt;b&gt;Heron&lt;/b&gt;" in page
    assert "<b>Heron" not in page


def test_the_link_of_the_command_line_is_the_buttons(client, make_settings):
    assert install_url(make_settings()) == button(client.get("/"))
