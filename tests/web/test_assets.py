"""Static files: known by their content, kept for good, and nothing else on the disk."""

import gzip
import re

import pytest

from web.assets import read_assets


def test_a_page_names_files_by_their_content_and_they_may_be_kept_for_good(client):
    page = client.get("/").get_data(as_text=True)

    for address in re.findall(r'href="(/static/[^"]+)"', page):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_file_under_another_version_is_not_kept(client):
    assert "immutable" not in client.get("/static/bittern.css?v=000000000000").headers["Cache-Control"]
    assert "immutable" not in client.get("/static/bittern.css").headers["Cache-Control"]


def test_a_changed_file_has_another_name(tmp_path):
    (tmp_path / "a.css").write_text("a { color: red }")
    before = read_assets(tmp_path)["a.css"].content_hash
    (tmp_path / "a.css").write_text("a { color: blue }")

    assert read_assets(tmp_path)["a.css"].content_hash != before


def test_files_travel_compressed(client):
    plain = client.get("/static/vendor/htmx/htmx.min.js")
    small = client.get("/static/vendor/htmx/htmx.min.js", headers={"Accept-Encoding": "gzip"})

    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 2
    assert "Accept-Encoding" in small.headers["Vary"]
    assert small.headers["ETag"] != plain.headers["ETag"]


def test_a_file_that_the_browser_has_is_not_sent_again(client):
    tag = client.get("/static/bittern.js").headers["ETag"]

    assert client.get("/static/bittern.js", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("bittern.js", "text/javascript"), ("bittern.css", "text/css"), ("bittern.svg", "image/svg+xml")],
)
def test_a_file_says_what_it_is(client, name, media_type):
    assert client.get(f"/static/{name}").mimetype == media_type


@pytest.mark.parametrize(
    "path", ["../app.py", "..%2f..%2fetc%2fpasswd", "%2e%2e/app.py", "vendor/htmx/../../../app.py", ""]
)
def test_nothing_beyond_the_folder_is_served(client, path):
    assert client.get(f"/static/{path}").status_code == 404


def test_the_scripts_and_styles_of_a_page_weigh_under_fifty_kilobytes():
    assets = read_assets()

    assert sum(len(asset.compressed) for name, asset in assets.items() if name.endswith((".js", ".css"))) < 35_000


def test_the_licence_of_a_carried_file_stands_beside_it(client):
    assert "Permission to use" in client.get("/static/vendor/htmx/LICENSE").get_data(as_text=True)


def test_nothing_of_ours_needs_eval():
    assets = read_assets()

    assert b"eval(" not in assets["bittern.js"].content


def test_what_is_written_for_readers_of_the_sources_does_not_travel(tmp_path):
    (tmp_path / "a.css").write_text(
        '/* Why. */\n.a, .b {\n  margin: 0 4px\n    8px;\n}\n.c::before { content: "x y" }\n'
    )
    (tmp_path / "b.js").write_text(
        '// Why.\nconst a = "http://x"; // here\n\nfunction b() {\n  // because\n  return a;\n}\n'
    )
    (tmp_path / "c.min.js").write_text("var a=1;\n  // a stranger's\n")
    found = {name: asset.content.decode() for name, asset in read_assets(tmp_path).items()}

    assert found["a.css"] == '.a,.b{margin: 0 4px 8px;}.c::before{content: "x y"}'
    assert found["b.js"] == 'const a = "http://x"; // here\n\nfunction b() {\nreturn a;\n}\n'
    assert found["c.min.js"] == "var a=1;\n  // a stranger's\n"
