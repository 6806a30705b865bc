"""Files for reuse of a release: per figure CSV with CSVW, Excel, JSON and a page to embed; and a static interface.

In: the pages and results.csv of a release candidate.  Out: ``hergebruik/`` in it, and ``api/`` on the published site.
May import what `release` may; nothing else of `release` but `shell`, `statement` and `numbered`.
"""
