"""Under the lines of a claim on a gap stands the gap itself, and events stand above them."""

import itertools
import json
import re

import plotly.graph_objects as go

from evaluation.present.drawing import draw, draw_on_page
from evaluation.present.line_figures import Gap, Line, add_events, add_gaps, add_lines


def test_a_claim_on_a_gap_has_the_gap_in_areas_of_its_own_and_events_are_marked():
    figure = go.Figure()
    both = (("Parkstad", "region", (4.0, 3.0, 2.0)), ("rest", "rest", (3.0, 2.5, 1.5)))
    lines = [Line(name, role, (2018, 2019, 2020), values, (False,) * 3) for name, role, values in both]
    add_lines(figure, lines, decimals=1, breaks=())
    figure.update_xaxes(tickvals=[2018, 2020], range=[2017.6, 2020.4])
    years, rest = (2018, 2019, 2020), (3.0, 2.5, 1.5)
    level = tuple(own - other for own, other in zip((4.0, 3.0, 2.0), rest, strict=True))
    share = tuple(100 * one / other for one, other in zip(level, rest, strict=True))
    below = add_gaps(
        figure, [Gap("Verschil (punt)", years, level), Gap("Verschil (%)", years, share)], (2019.5, 2022.5), 2020.4
    )
    taken = add_events(figure, [(2019.67, "corona"), (2031.0, "later")], (2017.6, 2020.4))
    spec = json.loads(figure.update_layout(height=380 + below + taken, font={"size": 13}).to_json())
    drawing = draw(spec, alt="", font="sans-serif").svg
    told = re.findall(r">([^<]+)</text>", drawing)
    assert {"corona", "Verschil (punt)", "Verschil (%)"} <= set(told) and "later" not in told
    areas = [trace["yaxis"] for trace in spec["data"] if trace.get("showlegend") is False]
    assert areas == ["y2", "y3"], "an area for the gap in units, and one in percent"
    domains = [spec["layout"][name]["domain"] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert all(upper[0] > lower[1] for upper, lower in itertools.pairwise(domains))
    assert draw_on_page(spec).count("<svg") == 2, "for a wide screen and for a phone"
