"""The pages of the site around the reports: the front page, a theme, a municipality, and what comes next.

In go the deal, the reports as they are published, and the records and statistics of the last of them (`portal`).
Out come the steps that the notebooks of the site call; a number of a year is taken over from the report that published it.
May import chapters.report and chapters.steps, and what those may.
"""
