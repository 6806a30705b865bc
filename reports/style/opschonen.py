"""Put the chapters that Quarto has just rendered in the page of the reports (see evaluation/publish/quarto.py)."""

from evaluation.publish.quarto import finish_pages

finish_pages()
