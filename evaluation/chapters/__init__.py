"""What the notebooks show: a chapter per notebook, each a list of named steps.

A notebook opens its chapter and calls its steps; every step computes nothing of its own, records the numbers that it
shows, and returns one display.
"""

from evaluation.chapters.finance import FinanceChapter, open_finance
from evaluation.chapters.governance import GovernanceChapter, open_governance
from evaluation.chapters.retail import RetailChapter, open_retail
from evaluation.chapters.retail_cluster import ClusterChapter, open_cluster
from evaluation.chapters.summary import SummaryChapter, open_summary
from evaluation.chapters.theme import ThemeChapter, open_theme

__all__ = [
    "ClusterChapter",
    "FinanceChapter",
    "GovernanceChapter",
    "RetailChapter",
    "SummaryChapter",
    "ThemeChapter",
    "open_cluster",
    "open_finance",
    "open_governance",
    "open_retail",
    "open_summary",
    "open_theme",
]
