"""The two engines that render a staged project to pages: Quarto where it is installed, else our own on pandoc.

In: the folder of a staged project.  Out: its pages, in the same markup.
May import what `publish` may, and `publish.pages`.
"""
