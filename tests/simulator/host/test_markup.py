"""Enough of Markdown, and nothing that could do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.host.markup import to_markup


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("\n\n", ""),
        ("One line", "<p>One line</p>"),
        ("One\nparagraph", "<p>One\nparagraph</p>"),
        ("One\n\nTwo", "<p>One</p><p>Two</p>"),
        ("# Title", "<h2>Title</h2>"),
        ("### Deep ###", "<h4>Deep</h4>"),
        ("###### Deepest", "<h6>Deepest</h6>"),
        ("#no heading", "<p>#no heading</p>"),
        ("# Title\ntext", "<h2>Title</h2><p>text</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("* a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2) b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n  more\n- b", "<ul><li>a more</li><li>b</li></ul>"),
        ("text\n- a", "<p>text</p><ul><li>a</li></ul>"),
        ("> said\n> again", "<blockquote><p>said again</p></blockquote>"),
        ("---", ""),
        ("Title\n=====", "<p>Title\n=====</p>"),
        ("```\na < b\n# no heading\n```\nafter", "<pre><code>a &lt; b\n# no heading</code></pre><p>after</p>"),
        ("```python\nx = 1", "<pre><code>x = 1</code></pre>"),
        ("```", "<pre><code></code></pre>"),
        ("~~~\nx\n~~~", "<pre><code>x</code></pre>"),
        ("use `a < b` here", "<p>use <code>a &lt; b</code> here</p>"),
        ("`**not bold**`", "<p><code>**not bold**</code></p>"),
        ("**bold** and *leaning*", "<p><strong>bold</strong> and <em>leaning</em></p>"),
        ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
        (
            "[text](https://x.example/a?b=1&c=2)",
            '<p><a href="https://x.example/a?b=1&amp;c=2" rel="noreferrer">text</a></p>',
        ),
        ("![a picture](https://x.example/p.png)", "<p>a picture</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("line\r\nnext", "<p>line\nnext</p>"),
    ],
)
def test_it_reads_well(text, html):
    assert str(to_markup(text)) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "# <img src=x onerror=alert(1)>",
        "- <b>x</b>",
        "> <i>",
        "```\n<script>\n```",
        "`<script>`",
        '[a" onclick="x](https://x.example/")',
        "**<b>**",
    ],
)
def test_nothing_that_was_written_becomes_a_tag(text):
    html = str(to_markup(text))
    for tag in ("<script", "<img", "<b>", "<i>"):
        assert tag not in html
    assert 'onclick="' not in html


@given(st.text(alphabet=st.sampled_from("ab *`_#->[]()!\n~1.\"'&<"), max_size=80))
def test_any_text_comes_to_an_end_with_every_tag_its_own(text):
    html = str(to_markup(text))
    allowed = ("p", "h2", "h3", "h4", "h5", "h6", "ul", "li", "blockquote", "pre", "code", "strong", "em")
    for name in allowed:
        html = html.replace(f"<{name}>", "").replace(f"</{name}>", "")
    assert "<" not in html.replace('<a href="http', "").replace("</a>", "")
