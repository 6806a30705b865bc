"""What a notebook calls: a class per kind of chapter, a step per figure, table or paragraph.

In: deal, year and theme, as the parameters cell has them.
Out: one `Display` per step, in Dutch, for the notebook to show.
"""

from evaluation.chapters.report.closing import ClosingChapter, open_closing
from evaluation.chapters.report.efficiency import EfficiencyChapter, open_efficiency
from evaluation.chapters.report.evaluation import EvaluationChapter, open_evaluation
from evaluation.chapters.report.final_summary import FinalSummaryChapter, open_final_summary
from evaluation.chapters.report.finance import FinanceChapter, open_finance
from evaluation.chapters.report.governance import GovernanceChapter, open_governance
from evaluation.chapters.report.methods import MethodsChapter, open_methods
from evaluation.chapters.report.retail import RetailChapter, open_retail
from evaluation.chapters.report.retail_cluster import ClusterChapter, open_cluster
from evaluation.chapters.report.summary import SummaryChapter, open_summary
from evaluation.chapters.report.theme import ThemeChapter, open_theme
from evaluation.chapters.site.front import FrontPage, open_front
from evaluation.chapters.site.municipality import MunicipalityPage, open_municipality_page
from evaluation.chapters.site.outlook import OutlookPage, open_outlook
from evaluation.chapters.site.theme import ThemePage, open_theme_page

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
