"""The evaluator's desk: the verbs with which a notebook computes, and `show`, with which it publishes.

In: the deal and the year of a notebook's parameters; names of indicators, units and designs.
Out: tidy DataFrames and frozen results; displays with their numbers.
"""

import sys

from evaluation.base.paths import project_root
from evaluation.chapters.desk.charts import bars as bars
from evaluation.chapters.desk.charts import beside_expected as beside_expected
from evaluation.chapters.desk.charts import beside_path as beside_path
from evaluation.chapters.desk.charts import dumbbells as dumbbells
from evaluation.chapters.desk.charts import lines as lines
from evaluation.chapters.desk.charts import tiles as tiles
from evaluation.chapters.desk.estimators import ancova as ancova
from evaluation.chapters.desk.estimators import difference_in_differences as difference_in_differences
from evaluation.chapters.desk.estimators import synthetic_control as synthetic_control
from evaluation.chapters.desk.estimators import synthetic_did as synthetic_did
from evaluation.chapters.desk.estimators import trend_deviation as trend_deviation
from evaluation.chapters.desk.opening import open_year as open_year
from evaluation.chapters.desk.portfolio import open_portfolio as open_portfolio
from evaluation.chapters.desk.showing import show as show

_NOTEBOOKS = str(project_root() / "notebooks")
if _NOTEBOOKS not in sys.path:  # so that notebooks/own is there wherever a notebook is run from
    sys.path.append(_NOTEBOOKS)
