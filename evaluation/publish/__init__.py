"""Turn a finished run into pages, PDF, Word and the site around them.

In: the files of a run, the prose in ``reports/`` and its Quarto project.
Out: ``build/site``, checked as a whole and put in place at once.
"""
