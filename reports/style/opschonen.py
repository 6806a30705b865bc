"""Clean a report that Quarto has just rendered: nothing in it may come from another host."""

from evaluation.publish.cleanup import clean_after_quarto

clean_after_quarto()
