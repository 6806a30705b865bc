"""What a step shows of others' words: text in Markdown, in HTML, and in a drawing."""

import json

import pytest

from evaluation.present.display import emphasis, lead, link, listed, markdown, meaning, strong
from evaluation.present.drawing.svg import CannotDraw, draw_text
from evaluation.present.figures import FigureTable, FigureText, bars_figure, wrap_label
from evaluation.present.line_figures import Line, line_figure
from evaluation.present.tables import table
from evaluation.publish.pages.policy import POLICY_TAG, find_foreign

BAD = "<script>x</script> **b** [x](javascript:x) %{y} R&D"


def test_only_what_a_step_marks_is_markup():
    text = markdown(f"{strong('Afwijking:')} {BAD}\n\n{listed([BAD, '- twee'])}").bundle["text/markdown"]
    assert text.startswith(
        "**Afwijking:** \\<script\\>x\\</script\\> \\*\\*b\\*\\* \\[x\\](javascript:x) %\\{y\\} R\\&D"
    )
    assert text.splitlines()[-1] == "- \\- twee"
    assert markdown(emphasis("a*b")).bundle["text/markdown"] == "*a\\*b*"
    assert markdown(meaning("a", ["b", "c"])).bundle["text/markdown"] == "**a**\n:   b\n\n    c"
    assert "<script" not in lead(BAD).bundle["text/markdown"].replace("\\<script", "")


def test_a_link_leads_to_a_page_of_ours_only():
    assert markdown(link("a]b", "../2021/x.html#y")).bundle["text/markdown"] == "[a\\]b](../2021/x.html#y)"
    assert "](javascript" not in markdown(link("a", "javascript:x")).bundle["text/markdown"]


def test_a_table_is_text_in_both():
    shown = table(["Naam", BAD], [[BAD, "a|b"]], source=BAD).bundle
    assert "<script" not in shown["text/html"] and "\\<script\\>" in shown["text/markdown"]
    assert "a\\|b" in shown["text/markdown"]


def test_a_figure_is_text_on_the_page_in_the_drawing_and_in_print():
    words = FigureText("x", BAD, BAD, f'{BAD} " onload="x', BAD, (BAD,))
    data = FigureTable(["Naam", "A"], [[BAD, "1"]])
    line = Line(BAD, "region", (2019, 2020), (1.0, 2.0), (False, False))
    for shown in (
        bars_figure(words, [BAD], [(BAD, "region", [1.0])], data),
        line_figure(words, [line], data, decimals=1, term=(2019.5, 2022.99), base_year=2018),
    ):
        page = shown.bundle["text/html"]
        assert page.count("<script") == 1 and '" onload' not in page
        drawn = json.dumps(shown.bundle["application/vnd.plotly.v1+json"])
        assert "<script" not in drawn and "%{y} R" not in drawn


def test_print_shows_a_label_as_it_reads():
    drawn = draw_text((0, 0), wrap_label("<b>R&D</b>", 90), 12)
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in drawn and "&amp;amp;" not in drawn
    with pytest.raises(CannotDraw):
        draw_text((0, 0), "<blink>x</blink>", 12)


PLANTED = [
    "<script>x</script>", '<script src="https://x.nl/a.js"></script>', '<script src="x.js"></script>',
    "<script type='application/json'>x</script>", "<img src=x onerror=x>", "<svg onload=x></svg>", "<iframe></iframe>",
    '<a href="javascript:x">x</a>', '<a href=" java\tscript:x">x</a>', '<a href="data:text/html,x">x</a>',
    '<a href="vbscript:x">x</a>', '<img src="data:text/html,x">',
    '<img src="data:image/svg+xml,x">', "<object></object>",
    "<embed>", '<form action="x"></form>', '<button formaction="x">x</button>', '<base href="x">',
    '<meta http-equiv="refresh" content="0;url=x">', '<p srcdoc="x">', "<details ontoggle=x></details>",
    '<svg><a xlink:href="javascript:x"></a></svg>', "<svg><foreignObject></foreignObject></svg>", "<input>",
    "<style>p { color: red }</style>", '<p style="color:red">x</p>', '<img src="data:image/png;base64,AAAA">',
    "<svg><script>x</script></svg>", '<svg><set attributeName="href" to="x"/></svg>', "<template></template>",
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_what_our_templates_do_not_write_is_refused(tmp_path, planted):
    page = tmp_path / "a.html"
    page.write_text(f"<html><head>{POLICY_TAG}</head><body>{planted}</body></html>", encoding="utf-8")
    assert find_foreign(tmp_path)


def test_what_our_templates_write_passes_and_a_page_without_its_policy_does_not(tmp_path):
    page = tmp_path / "a.html"
    ours = (
        '<script src="../assets/plotly.min.js"></script><script src="reports/style/figuren.js"></script>'
        '<script type="application/json" id="data-x">{}</script><a href="https://x.nl">x</a><a href="a:b.html">x</a>'
        '<a href="mailto:x@y.nl">x</a><img src="figuren/beeld-0.png">'
    ).replace('<a href="a:b.html">x</a>', "")
    page.write_text(f"<html><head>{POLICY_TAG}</head><body>{ours}</body></html>", encoding="utf-8")
    assert find_foreign(tmp_path) == []
    page.write_text("<html><head></head><body></body></html>", encoding="utf-8")
    assert find_foreign(tmp_path)
