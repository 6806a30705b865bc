"""A plotly figure as SVG, without a browser: axes, and marks that stand on them.

Whatever plotly draws in two dimensions becomes a few kinds of marks (`marks`) at numbers along axes (`axes`).  What a
trace turns into is decided by `points`, `bars` and `spread`, what stands around them by `around`.  `draw` puts them
together, and refuses with `CannotDraw` what would be left out.
"""

from evaluation.present.drawing.draw import Drawing, draw, light_colours
from evaluation.present.drawing.on_page import PICTURE, draw_on_page
from evaluation.present.drawing.svg import CannotDraw

__all__ = ["PICTURE", "CannotDraw", "Drawing", "draw", "draw_on_page", "light_colours"]
