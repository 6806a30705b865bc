"""What a cell leaves behind by itself, without `show`: tables are shown as tables, and figures ask for their source."""

from typing import Any

from evaluation.base.errors import UsageError
from evaluation.chapters.desk.cell import opened_year
from evaluation.chapters.desk.showing import make_display
from evaluation.present.display import REFUSED_MIME
from evaluation.present.dressed import use_house_colours

_TYPES = (
    ("pandas", "DataFrame"), ("pandas.core.frame", "DataFrame"),
    ("pandas", "Series"), ("pandas.core.series", "Series"), ("pandas.io.formats.style", "Styler"),
    ("matplotlib.figure", "Figure"), ("matplotlib.axes._base", "_AxesBase"),
    ("statsmodels.base.wrapper", "ResultsWrapper"), ("statsmodels.iolib.summary", "Summary"),
    ("statsmodels.iolib.summary2", "Summary"),
)  # fmt: skip


def register() -> None:
    """Let the notebook that runs now show these types as a report does, in our colours; nothing outside a notebook."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        use_house_colours()
        for module, name in _TYPES:
            shell.display_formatter.mimebundle_formatter.for_type_by_name(module, name, _bundle)
        # plotly's figures display themselves, before any other formatter is asked
        shell.display_formatter.ipython_display_formatter.for_type_by_name(
            "plotly.basedatatypes", "BaseFigure", _display
        )


def _display(figure: Any) -> None:
    from IPython.display import display

    display(_bundle(figure), raw=True)


def _bundle(what: Any, include: object = None, exclude: object = None) -> dict[str, object] | None:
    desk = opened_year()
    if desk is None:
        return None
    try:
        return make_display(desk.context, what)._repr_mimebundle_()
    except UsageError as error:
        words = f"shows a {type(what).__name__} by itself: show(...) publishes it. {error}"
        return {REFUSED_MIME: words, "text/plain": words}
