"""Every colour that a chart is drawn in has 3:1 on the surface of its theme (WCAG 2.2, 1.4.11), worked out from the style sheet."""

import re

import pytest

from web.assets import STATIC_FOLDER

SHEET = (STATIC_FOLDER / "bittern.css").read_text(encoding="utf-8")
LEAST = 3.0
TEXT_LEAST = 4.5


CHART_COLOURS = ("chart-neutral", "chart-warning", "chart-information", "chart-purple", "chart-success", "text")
TEXT_COLOURS = ("text", "text-subtle", "text-subtlest")


def theme(name):
    """The colours of a theme by name: what stands in it, and for the rest what stands in the light one."""
    block = SHEET[SHEET.index(":root {" if name == "light" else '[data-color-mode="dark"] {') :].partition("}")[0]
    found = re.findall(r"--([\w-]+):\s*(?:var\(--ds-[\w-]+,\s*)?(#[0-9a-f]{6})\b", block)
    return dict(found)


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # Measured by others: Atlassian's chart.success on white, which is why it is not used here.
    assert contrast("#82b536", "#ffffff") == pytest.approx(2.44, abs=0.01)


@pytest.mark.parametrize("colour", CHART_COLOURS)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_chart_colour_can_be_told_from_its_ground(name, colour):
    colours = theme(name)

    assert contrast(colours[colour], colours["surface"]) >= LEAST


@pytest.mark.parametrize("colour", TEXT_COLOURS)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_words_of_a_chart_can_be_read(name, colour):
    colours = theme(name)

    assert contrast(colours[colour], colours["surface"]) >= TEXT_LEAST


def test_charts_are_drawn_in_no_other_colour():
    charts = SHEET[SHEET.index("/* Charts") : SHEET.index("/* States")]
    used = set(re.findall(r"(?:fill|stroke): var\(--([\w-]+)\)", charts))

    # Lines behind the marks and the marks' own gaps carry nothing.
    assert used - {"border", "surface", "focus"} <= {*CHART_COLOURS, "text-subtle"}
    assert not re.search(r"(?:fill|stroke): #", charts)


def test_every_look_that_the_pages_give_has_a_colour():
    looks = {"coding", "draft", "pickup", "merge_wait", "merged", "answers", "passed", "deploy"}
    sizes = {f"size-{name}" for name in ("XS", "S", "M", "L", "XL", "unknown")}

    assert all(f".look-{name}" in SHEET for name in looks | sizes)
