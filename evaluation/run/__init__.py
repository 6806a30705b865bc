"""Run the notebooks of an edition, each in a kernel of its own, and record every number and every input.

In: a deal, an edition, notebooks and the project's files, all checked before anything runs.
Out: ``build/runs/<deal>/<edition>`` with executed notebooks, results.csv, run.json and inputs.json, swapped in when
whole; reports meet a run in these files only.
"""
