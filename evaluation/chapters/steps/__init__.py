"""What chapters show, a module per subject: agreements, targets, money, figures, comparisons, effects, maps, shops.

In go the context of a year (`chapters.context`) and the theme, the indicator or the estimate that is asked for.
Out come displays, and the sentences and results that more than one chapter needs.
May import chapters.context, recording and wording, and present, analysis, statistics, inputs and base; no chapter.
"""
