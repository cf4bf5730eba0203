"""From Bitbucket's pages of a pull request, a branch, a commit and a file to what Bittern knows of them, and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.end_to_end.panels import OVERFLOW, panel_frame
from tests.end_to_end.test_accessibility import violations

pytestmark = pytest.mark.browser

APP = "addon/bittern"


@pytest.fixture
def at(running):
    """The address of a page of the repository."""
    base = running.page.url.rstrip("/")
    return lambda path: f"{base}/{path}"


def first(page, pattern):
    """The first link of a page whose address matches."""
    addresses = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href'))")
    return next(address for address in addresses if re.search(pattern, address))


def follow(page, label):
    """Follow a link of the app on one of Bitbucket's pages, to the page that it leads to."""
    page.click(f".web-items >> text={label}")
    page.wait_for_url(f"**/{APP}/**")
    return panel_frame(page)


def test_a_commits_page_leads_to_its_passport(open_page, at):
    page = open_page(at("commits/"))
    page.goto(at(first(page, r"/commits/[0-9a-f]{40}").split("/", 3)[3]))
    subject = page.inner_text("h1")
    frame = follow(page, "Passport in Bittern")
    expect(frame.locator("#tab-commit")).to_have_attribute("aria-current", "page")
    expect(frame.locator("h2.headline")).to_have_text(subject)
    assert frame.evaluate(OVERFLOW) == 0


def test_a_branchs_page_leads_to_its_comparison(open_page, at):
    page = open_page(at("branches/"))
    name = page.eval_on_selector_all(
        ".branches li", "rows => rows.find(row => !row.innerText.includes('Main')).querySelector('code').title"
    )
    page.goto(at(f"branch/{name}"))
    frame = follow(page, "Compare in Bittern")
    expect(frame.locator("#beside")).to_contain_text(name)
    expect(frame.locator(".card")).to_contain_text(re.compile(r"\d+\+? ahead|Everything on it is in"))


def test_a_pull_requests_page_leads_to_its_files(open_page, at):
    page = open_page(at("pull-requests/"))
    number = re.search(r"/pull-requests/(\d+)", first(page, r"/pull-requests/\d+$"))[1]
    page.goto(at(f"pull-requests/{number}"))
    frame = follow(page, "Files in Bittern")
    expect(frame.locator("h2.headline")).to_contain_text(f"#{number}")


def test_a_file_has_its_facts_among_its_viewers(open_page, at):
    page = open_page(at("commits/"))
    page.goto(at("src/main/README.md"))
    page.select_option("#fileviewer", "bittern:file-facts")
    frame = panel_frame(page)
    expect(frame.locator("h1")).to_have_text("README.md")
    assert frame.locator(".tabs").count() == 0


def test_the_tab_stands_in_bitbuckets_address_and_comes_back_with_it(open_page, at):
    page = open_page(at(f"{APP}/repository"))
    frame = panel_frame(page)
    frame.click("#tab-branches")
    expect(frame.locator("#tab-branches")).to_have_attribute("aria-current", "page")
    page.wait_for_url("**#!tab=branches")
    page.reload()
    expect(panel_frame(page).locator("#tab-branches")).to_have_attribute("aria-current", "page")


def test_an_address_with_a_tab_opens_it_without_a_script(open_page, at):
    frame = panel_frame(open_page(at(f"{APP}/repository?tab=definitions")))
    expect(frame.locator("#tab-definitions")).to_have_attribute("aria-current", "page")


def test_a_branch_is_compared_without_leaving_the_page(open_page, at):
    frame = panel_frame(open_page(at(f"{APP}/repository?tab=branches")))
    frame.click("text=Compare >> nth=0")
    expect(frame.locator(".card h2")).to_be_visible()
    expect(frame.locator("#tab-branches")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "query", ["tab=branches", "tab=commit", "tab=files", "tab=files&path=README.md", "tab=definitions"]
)
def test_nobody_is_kept_out(query, scheme, open_page, at):
    frame = panel_frame(open_page(at(f"{APP}/repository?{query}"), colour_scheme=scheme))
    frame.wait_for_function("scheme => document.documentElement.dataset.colorMode === scheme", arg=scheme)
    assert violations(frame) == []
    assert frame.evaluate(OVERFLOW) == 0


def test_a_commits_passport_keeps_nobody_out(open_page, at):
    page = open_page(at("commits/"))
    page.goto(at(first(page, r"/commits/[0-9a-f]{40}").split("/", 3)[3]))
    assert violations(follow(page, "Passport in Bittern")) == []
