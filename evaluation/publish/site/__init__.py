"""What goes over the pages of more than one report, or over one page alone: year switch, host folder, preview.

In: ``build/site``, or a staged project.  Out: the same site with links between its years, a folder that any static host
serves, a page made anew.
May import what `publish` may, `publish.pages` and `publish.engine`.
"""
