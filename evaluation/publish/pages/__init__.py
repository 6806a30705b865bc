"""The pages of a report, whichever engine renders them: their markup, numbers, checks and search index.

In: executed notebooks and Markdown, or finished HTML.  Out: Markdown, pandoc documents, pages with header, navigation
and footer, and every fault of them.
May import base, inputs, present and what stands directly in `publish`; never an engine.
"""
