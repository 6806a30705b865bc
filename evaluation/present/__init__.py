"""Show numbers: figures, tables, sentences and Dutch text, and the results that stand behind each.

In go numbers that are already computed, with their words; nothing is computed here but places and widths in a drawing.
Out comes a `display.Display`: a representation per medium, and the `results.Result` of every number that it shows.
`published` is the way back: the reports as they are published, with the numbers that their readers see.
May import analysis (the types of estimates), inputs and base; it knows no chapter and no file of records or statistics.
"""
