"""The evaluation of a Dutch Regio Deal: from agreement, records and statistics to reports that anyone can make again.

The data flow one way: what people write, what the programme recorded and what the statistics say become panels, the
notebooks analyse them, a run records every number, and the report shows what a run recorded.  ARCHITECTURE.md shows
the ten packages and which may import which; `make lint` holds that.

An evaluator's verbs are `open_year`, `open_portfolio`, `show`, `lines`, `bars`, `beside_path`, `beside_expected`,
`dumbbells`, `tiles`, and of the pool of a design `ancova`, `synthetic_did`, `synthetic_control`,
`difference_in_differences`, `trend_deviation` (docs/eigen-analyse.md).
"""

__version__ = "0.1.0"
__all__ = [
    "ancova", "bars", "beside_expected", "beside_path", "difference_in_differences", "dumbbells", "lines",
    "open_portfolio", "open_year", "show", "synthetic_control", "synthetic_did", "tiles", "trend_deviation",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name in __all__:  # when asked for: most of the package needs none of it
        from evaluation.chapters import desk

        return getattr(desk, name)
    raise AttributeError(f"module 'evaluation' has no attribute {name!r}")
