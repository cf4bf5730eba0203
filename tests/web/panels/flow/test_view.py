"""The Flow tab as a reader gets it: twelve sections that say what insights say, from our own copy, light enough, and each state."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from bench.history import Shape, fill
from insights.clock.look import look
from insights.definitions import CATALOGUE
from insights.flow.headline import headline
from insights.settings import Target, WorkspaceSettings
from models import workspace_settings
from models.history import measurements
from models.installations import Installation
from models.repositories import Repository
from tests.tenants import BOB, NOON
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.test_repository_page import address
from tests.web.panels.weighing import MOST_BYTES, report_weight, weight_of

SECTIONS = (
    "where_time_goes",
    "distribution",
    "scatter",
    "arrivals",
    "ageing",
    "size_table",
    "review_load",
    "punch_card",
    "builds",
    "delivery",
    "forecast_honesty",
)


def flow(client, **filters):
    wanted = "".join(f"&{name}={value}" for name, value in filters.items())
    answer = client.get(address(tab=f"flow{wanted}"))
    assert answer.status_code == 200
    return answer


def section(answer, name):
    found = re.search(
        rf'<section class="flow-section" id="{name}".*?</section>', answer.get_data(as_text=True), re.DOTALL
    )
    return found[0]


def seen(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split()).replace("\N{NO-BREAK SPACE}", " ")


def kpi(answer, label):
    """What one figure of the head says, without its definition."""
    found = re.search(rf"<dt>{label}</dt>\s*<dd>(.*?)<details", answer.get_data(as_text=True), re.DOTALL)
    return seen(found[1])


def write_settings(services, alice, **members):
    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        workspace_settings.write(session, installation, WorkspaceSettings(**members), by_uuid=BOB, now=NOON)


@pytest.fixture
def filled(fill_repository):
    return fill_repository(600)


@pytest.fixture
def shown(client, filled):
    return flow(client)


def test_all_sections_stand_in_their_order(shown):
    found = re.findall(r'<section class="flow-section" id="([a-z_]+)"', shown.get_data(as_text=True))

    assert tuple(found) == SECTIONS


def test_no_call_to_bitbucket_is_made(client, filled, bitbucket):
    bitbucket.requests.clear()
    bitbucket.fails(AssertionError("a view of Flow asks nobody"))

    flow(client)
    flow(client, window="90", branch="main", size="M", clock="wall", path="core/")
    flow(client, show="pickup")
    assert bitbucket.requests == []


def test_the_head_says_what_the_insights_say(services, filled, shown):
    with services.readers() as session:
        repository = session.get(Repository, filled)
        rows = measurements.since(session, repository, NOON - timedelta(days=400))
    found = headline(rows, look(WorkspaceSettings(main_branch="main"), now=NOON))

    assert kpi(shown, "Merged").startswith(f"{found.merged.now.value} before: {found.merged.before.value} ")
    assert f"n = {found.pickup.now.n}," in kpi(shown, "Pickup")
    assert f"n = {found.unreviewed.now.n}," in kpi(shown, "Unreviewed merges")


def test_every_chart_has_a_name_a_finding_and_a_table(shown):
    for name in SECTIONS:
        html = section(shown, name)
        assert "<table" in html
        for chart in re.findall(r"<svg role=.*?</svg>", html, re.DOTALL):
            title, finding = re.search(
                r"<title[^>]*>(.*?)</title>\s*<desc[^>]*>(.*?)</desc>", chart, re.DOTALL
            ).groups()
            assert title
            assert finding.endswith((".", "?")) or "#" in finding


def test_ids_are_given_once(shown):
    ids = re.findall(r'\sid="([^"]+)"', shown.get_data(as_text=True))

    assert sorted(ids) == sorted(set(ids))


def test_every_definition_behind_an_i_is_the_catalogues(shown):
    html = shown.get_data(as_text=True)
    for name, version in re.findall(r"\(([a-z_]+), (\d+)\)</span></p>", html):
        assert CATALOGUE[name].version == int(version)
    assert html.count('class="about"') == len(SECTIONS) + 6


def test_every_point_of_the_scatter_leads_to_its_pull_request_and_one_is_a_stop_of_the_tab_key(shown):
    points = re.findall(
        r'<a href="([^"]+)" target="_top" aria-label="(#\d+)[^"]*"( tabindex="-1")?>', section(shown, "scatter")
    )

    assert len(points) > 20
    assert all(url == f"https://bitbucket.org/alice/heron/pull-requests/{number[1:]}" for url, number, _ in points)
    assert [bool(skipped) for _, _, skipped in points] == [False] + [True] * (len(points) - 1)


def test_a_picture_with_links_in_it_is_no_picture_to_those_who_do_not_see_it(shown):
    assert '<svg role="group"' in section(shown, "scatter")
    assert '<svg role="img"' in section(shown, "where_time_goes")


def test_the_filters_show_what_the_address_says(client, filled):
    html = flow(client, window="90", size="L", clock="wall", path="core/").get_data(as_text=True)

    assert re.findall(r'<option value="([^"]*)" selected>', html) == ["90", "", "L", "", "wall"]
    assert 'name="path" id="filter-path" value="core/"' in html


def test_the_address_that_is_kept_holds_the_filters(client, filled):
    html = flow(client, window="90", nonsense="1", branch="main").get_data(as_text=True)

    kept = unescape(re.search(r'data-address="([^"]+)"', html)[1])
    assert kept == "/pages/repository?tab=flow&window=90&branch=main"


def test_the_form_works_without_a_script(client, filled):
    html = flow(client).get_data(as_text=True)
    form = re.search(r'<form class="filters" method="get" action="([^"]+)".*?</form>', html, re.DOTALL)
    hidden = dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]+)"', form[0]))
    answer = client.get(f"{form[1]}?{urlencode({**hidden, 'window': '28', 'size': 'S', 'path': ''})}")

    assert answer.status_code == 200
    assert re.findall(r'<option value="([^"]*)" selected>', answer.get_data(as_text=True)) == ["28", "", "S", "", ""]


def test_a_window_changes_the_charts_of_a_window(client, filled):
    assert "25 Aug to 23 Nov" in seen(section(flow(client), "distribution"))
    assert "26 Oct to 23 Nov" in seen(section(flow(client, window="28"), "distribution"))


def test_a_size_that_nobody_chose_is_not_counted(client, filled):
    whole = int(re.search(r"n = (\d+)", seen(section(flow(client), "scatter")))[1])
    large = int(re.search(r"n = (\d+)", seen(section(flow(client, size="L"), "scatter")))[1])

    assert 0 < large < whole
    assert "before:" in kpi(flow(client, size="L"), "Pickup")


def test_a_path_that_nobody_touched_leaves_nothing(client, filled):
    answer = flow(client, path="no/such/folder/")

    assert "There is nothing to work this out from in this window." in seen(section(answer, "distribution"))
    assert kpi(answer, "Merged").startswith("0 ")


def test_a_word_for_a_change_is_of_the_whole_repository_only(client, filled):
    words = re.compile(r"longer|shorter|no clear change")

    assert words.search(kpi(flow(client), "Pickup"))
    assert not words.search(kpi(flow(client, size="M"), "Pickup"))
    assert "not filtered" in text(flow(client, size="M"))


def test_every_figure_opens_into_the_pull_requests_behind_it(client, shown):
    html = shown.get_data(as_text=True)
    href = unescape(re.search(r'id="kpi-merged" href="([^"]+)"', html)[1])
    answer = client.get(href)
    table = re.search(r'id="behind".*?</section>', answer.get_data(as_text=True), re.DOTALL)[0]
    count = int(kpi(answer, "Merged").split()[0])

    assert table.count('<th role="rowheader"') == count
    assert f"Merged: {count} pull requests" in seen(table)
    back = unescape(re.search(r'href="([^"]+)"[^>]*>Close the list', table)[1])
    assert 'id="behind"' not in client.get(back).get_data(as_text=True)


def test_before_the_first_night_the_page_says_so(client, fill_repository):
    fill_repository(100, night=False)
    answer = flow(client)

    assert "This is worked out at night" in seen(section(answer, "forecast_honesty"))
    assert "This is worked out at night" in seen(section(answer, "punch_card"))
    assert "longer" not in kpi(answer, "Pickup")


def test_a_repository_without_pull_requests_says_so(client, services, fill_repository):
    row_id = fill_repository(0)
    with services.sessions.begin() as session:
        fill(session, session.get(Repository, row_id), Shape(pull_requests=0, open=0), now=NOON)
    answer = flow(client)

    assert "No pull request has been open within the last 52 weeks" in text(answer)
    assert kpi(answer, "Merged").startswith("0 ")


def test_before_anything_was_read_nothing_is_said_of_it(client, fill_repository):
    fill_repository(0)
    answer = flow(client)

    assert "Figures come with the first pull requests that are read." in text(answer)
    assert "The history of this repository is about to be read." in text(answer)
    assert "Nothing is open" not in text(answer)
    assert '<dl class="figures kpis">' not in answer.get_data(as_text=True)


def test_a_window_without_anything_leads_to_the_widest_that_has_something(client, fill_repository):
    fill_repository(200)
    found = next(answer for size in ("XS", "S", "M", "L", "XL") if (answer := wider(client, size)))
    href = unescape(re.search(r'id="wider" href="([^"]+)"', found)[1])

    assert re.search(r"Nothing was merged in this window. In the last 52 weeks \d+ (were|was).", found)
    assert "window=364" in href
    assert 'id="wider"' not in client.get(href).get_data(as_text=True)


def wider(client, size):
    html = flow(client, window="28", size=size).get_data(as_text=True)
    return html if 'id="wider"' in html else ""


def test_too_few_for_a_percentile_are_listed_and_not_counted(client, fill_repository):
    fill_repository(400)
    told = kpi(flow(client), "Open to merge")

    assert told.startswith("\N{EN DASH} percentiles need 5")
    assert "n = 4," in told


def test_nobody_is_named_unless_the_workspace_wants_it(client, services, alice, filled):
    table = section(flow(client), "review_load")
    assert "Person" not in seen(table)
    assert "you: 0 first answers" in seen(table)

    write_settings(services, alice, are_names_shown=True)
    named = seen(section(flow(client), "review_load"))
    assert len(named) > len(seen(table))


def test_a_target_is_shown_with_whether_it_is_met(client, services, alice, filled):
    write_settings(services, alice, pickup_target=Target(share=0.8, within=timedelta(hours=4)))
    told = kpi(flow(client), "Picked up within 4\N{NO-BREAK SPACE}h")

    assert "wanted: 80 %" in told
    assert re.search(r"\bnot met\b|\bmet\b", told)


def test_settings_take_effect_at_once(client, services, alice, filled):
    before = page_token(flow(client))
    tag = client.get("/pages/repository/refresh?tab=flow", headers=bearer(before)).headers["ETag"]
    write_settings(services, alice, time_zone="Asia/Tokyo")
    headers = bearer(before, **{"HX-Trigger": "refresh", "If-None-Match": tag})

    assert client.get("/pages/repository/refresh?tab=flow", headers=headers).status_code == 200


def test_a_refresh_of_an_unchanged_page_is_a_304_for_ten_minutes(client, clock, filled):
    token = page_token(flow(client))
    tag = client.get("/pages/repository/refresh?tab=flow", headers=bearer(token)).headers["ETag"]
    headers = bearer(token, **{"HX-Trigger": "refresh", "If-None-Match": tag})

    clock.advance(minutes=9)
    assert client.get("/pages/repository/refresh?tab=flow", headers=headers).status_code == 304
    clock.advance(minutes=2)
    assert client.get("/pages/repository/refresh?tab=flow", headers=headers).status_code == 200


def test_a_title_is_never_markup(client, services, filled):
    with services.sessions.begin() as session:
        repository = session.get(Repository, filled)
        one = next(item for item in measurements.since(session, repository, NOON - timedelta(days=60)))
        renamed = replace(one, title="<script>alert(1)</script>")
        basis = measurements.count_by_basis(session, repository)
        measurements.store(session, repository, [renamed], basis=next(iter(basis)), version=repository.version + 1)
        repository.version += 1

    for figure in ("merged", "scatter", "ageing"):
        assert "<script>alert" not in flow(client, show=figure).get_data(as_text=True)


def test_the_whole_page_weighs_at_most_fifty_kilobytes_compressed(client, fill_repository, record_property):
    """A busy repository, its largest page: 52 weeks. With the styles and scripts that it needs."""
    fill_repository(6_000)
    weight = weight_of(flow(client, window="364").get_data())

    report_weight(record_property, "flow, 52 weeks of 6,000 pull requests", weight)
    assert weight.total <= MOST_BYTES
