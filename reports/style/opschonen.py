"""Put the chapters that Quarto has just rendered in the page of the reports (evaluation/publish/engine/quarto.py)."""

from evaluation.publish.engine.quarto import finish_pages

finish_pages()
