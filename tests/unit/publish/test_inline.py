"""A page has no style, and no image as data, inside itself; what they said stands in classes and files beside it."""

import base64
import re

import plotly.offline
import pytest

from evaluation.base.errors import PublishError
from evaluation.publish.pages.inline import measure_sheet, place_images, without_inline_styles
from tests.conftest import ROOT

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\nx").decode()


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ('<td style="text-align:left">a</td>', '<td class="tekst-left">a</td>'),
        ('<td class="n" style="text-align: right;">a</td>', '<td class="tekst-right n">a</td>'),
        ('<span class="balk" style="--deel:0.320"></span>', '<span class="deel-64 balk"></span>'),
        ('<i style="--van:0;--tot:1"></i>', '<i class="van-0 tot-200"></i>'),
        ("<p style='color:red' title=\"a>b\">x</p>", '<p title="a>b">x</p>'),
        ("<style type='text/css'>p { color: red }</style><p>x</p>", "<p>x</p>"),
        ("<code>style=&quot;x&quot;</code>", "<code>style=&quot;x&quot;</code>"),
        ('<script>"<p style=x>"</script>', '<script>"<p style=x>"</script>'),
    ],
)
def test_styles_become_classes(written, wanted):
    assert without_inline_styles(written) == wanted


@pytest.mark.parametrize("share", ["1.2", "-0.1", "nan", "veel"])
def test_a_share_that_no_bar_can_show_is_refused(share):
    with pytest.raises(PublishError, match="expected a share from 0 to 1"):
        without_inline_styles(f'<span style="--deel:{share}"></span>')


def test_every_class_of_a_share_has_its_rule():
    assert ".deel-64 { --deel: 0.32; }" in measure_sheet() and ".hoog-200 { --hoog: 1; }" in measure_sheet()


def test_an_image_is_a_file_beside_its_page(tmp_path):
    page = place_images(f'<img alt="x" src="data:image/png;base64,{PIXEL}">', tmp_path)
    (made,) = (tmp_path / "figuren").iterdir()
    assert page == f'<img alt="x" src="figuren/{made.name}">' and made.read_bytes() == base64.b64decode(PIXEL)
    page = place_images("<img src=\"data:image/svg+xml,%3Csvg xmlns='x'%3E%3C/svg%3E\">", tmp_path)
    assert "data:" not in page and {path.suffix for path in (tmp_path / "figuren").iterdir()} == {".png", ".svg"}


def test_plotly_knows_every_mark_that_keeps_it_from_writing_styles():
    script = (ROOT / "reports" / "style" / "figuren.js").read_text(encoding="utf-8")
    library = plotly.offline.get_plotlyjs()
    marks = re.findall(r'"([^"]+)"', re.search(r"var MARKS = \[([^]]+)\]", script)[1])
    own = re.findall(
        r'if\(!document\.getElementById\("([0-9a-f]{64})"\)\)\{var e=document\.createElement\("style"\)', library
    )
    assert set(own) < set(marks), "a style of its own that is not held back"
    assert "plotly.js-style-" in library and "no-inline-styles" in library and "plotly.js-style-global" in marks
