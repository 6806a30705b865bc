"""Run the notebooks of an edition, each in a kernel of its own, and record every number and every input.

In: a deal, an edition, notebooks and the project's files.  Out: ``build/runs/<deal>/<edition>`` with the executed
notebooks, results.csv, run.json and inputs.json, swapped in when it is whole.  `pipeline` conducts, `execute` runs one,
`slots` and `remote` say where, `checks` goes before.
May import base, inputs, statistics and present; never `chapters` or `publish`, which it meets in files.
"""
