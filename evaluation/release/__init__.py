"""Release a report as a statistics office does: one sum, signed, compared with the last, archived, reusable.

In: a report on the site with its run; signatures of named roles; certificates of those who reproduced it.
Out: a release candidate; the archive in ``releases/``; what of it stands on the published site.
"""
