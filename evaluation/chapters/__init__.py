"""What the notebooks show: a chapter per notebook, each a list of named steps.

A notebook opens its chapter and calls its steps; every step computes nothing of its own, records the numbers that it
shows, and returns one display.
"""

from evaluation.chapters.closing import ClosingChapter, open_closing
from evaluation.chapters.efficiency import EfficiencyChapter, open_efficiency
from evaluation.chapters.evaluation import EvaluationChapter, open_evaluation
from evaluation.chapters.final_summary import FinalSummaryChapter, open_final_summary
from evaluation.chapters.finance import FinanceChapter, open_finance
from evaluation.chapters.governance import GovernanceChapter, open_governance
from evaluation.chapters.methods import MethodsChapter, open_methods
from evaluation.chapters.retail import RetailChapter, open_retail
from evaluation.chapters.retail_cluster import ClusterChapter, open_cluster
from evaluation.chapters.site_front import FrontPage, open_front
from evaluation.chapters.site_municipality import MunicipalityPage, open_municipality_page
from evaluation.chapters.site_outlook import OutlookPage, open_outlook
from evaluation.chapters.site_theme import ThemePage, open_theme_page
from evaluation.chapters.summary import SummaryChapter, open_summary
from evaluation.chapters.theme import ThemeChapter, open_theme

__all__ = [
    "ClosingChapter",
    "ClusterChapter",
    "EfficiencyChapter",
    "EvaluationChapter",
    "FinalSummaryChapter",
    "FinanceChapter",
    "FrontPage",
    "GovernanceChapter",
    "MethodsChapter",
    "MunicipalityPage",
    "OutlookPage",
    "RetailChapter",
    "SummaryChapter",
    "ThemeChapter",
    "ThemePage",
    "open_closing",
    "open_cluster",
    "open_efficiency",
    "open_evaluation",
    "open_final_summary",
    "open_finance",
    "open_front",
    "open_governance",
    "open_methods",
    "open_municipality_page",
    "open_outlook",
    "open_retail",
    "open_summary",
    "open_theme",
    "open_theme_page",
]
