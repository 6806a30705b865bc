"""Hand a run on as one archive, run it again elsewhere, and compare every number.

In: a whole run and what it was made of; or an archive.
Out: a zip with equal bytes for equal input; a verdict with every number that differs and why.
"""
