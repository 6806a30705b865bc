"""The chapters of the reports: a class per kind of chapter of the annual report and of the final evaluation.

In go the deal, the year and, where a notebook serves more than one, the theme or the shopping cluster.
Out come the steps that a notebook calls, each a method that returns one display with the results that it shows.
The summaries take their numbers from the results of the other chapters, and compute none.
May import chapters.steps and chapters.context, and what those may; nothing of chapters.site.
"""
