"""What a notebook calls: a class per kind of chapter, a step per figure, table or paragraph.

In: deal, year and theme, as the parameters cell has them.
Out: one `Display` per step, in Dutch, for the notebook to show.
"""

from evaluation.chapters.report.closing import open_closing as open_closing
from evaluation.chapters.report.efficiency import open_efficiency as open_efficiency
from evaluation.chapters.report.evaluation import open_evaluation as open_evaluation
from evaluation.chapters.report.final_summary import open_final_summary as open_final_summary
from evaluation.chapters.report.finance import open_finance as open_finance
from evaluation.chapters.report.governance import open_governance as open_governance
from evaluation.chapters.report.methods import open_methods as open_methods
from evaluation.chapters.report.portfolio_summary import open_portfolio_summary as open_portfolio_summary
from evaluation.chapters.report.retail import open_retail as open_retail
from evaluation.chapters.report.retail_cluster import open_cluster as open_cluster
from evaluation.chapters.report.summary import open_summary as open_summary
from evaluation.chapters.report.theme import open_theme as open_theme
from evaluation.chapters.site.front import open_front as open_front
from evaluation.chapters.site.municipality import open_municipality_page as open_municipality_page
from evaluation.chapters.site.outlook import open_outlook as open_outlook
from evaluation.chapters.site.theme import open_theme_page as open_theme_page
