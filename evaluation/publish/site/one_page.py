"""One page of a staged report made anew while the others stay: for a preview, and with the embedded engine only."""

from pathlib import Path

from evaluation.base.errors import PublishError
from evaluation.publish.engine.embedded import chapter_markdown, copy_files, copy_images, make_page
from evaluation.publish.pages.document import read_documents
from evaluation.publish.pages.page import write_pages
from evaluation.publish.project import Chapter, check_supported, load_project


class OpenBook:
    """A staged report with the text of every chapter at hand, so that one of them is made in a fraction of a second.

    Raises PublishError as `render_embedded`, and when the report has no such page.
    """

    def __init__(self, folder: Path, page: str) -> None:
        self.project = load_project(folder)
        check_supported(self.project)
        self.chapter: Chapter | None = next((item for item in self.project.chapters if item.page == page), None)
        if self.chapter is None:
            raise PublishError(f"The report has no page {page}.")
        self._texts = {item.page: chapter_markdown(self.project, item) for item in self.project.chapters}

    def write(self, output: Path) -> None:
        """Make the page from what is staged now, with its numbers and references as in the whole report.

        Raises PublishError as `render_embedded`; then nothing was written.
        """
        project = self.project
        texts = self._texts | {self.chapter.page: chapter_markdown(project, self.chapter)}
        options = {"number_depth": project.number_depth, "caption_on_top": project.caption_on_top}
        documents = read_documents(list(texts.items()), **options)
        pages = [
            make_page(project, chapter, document, is_listed_only=chapter is not self.chapter)
            for chapter, document in zip(project.chapters, documents, strict=True)
        ]
        output.mkdir(parents=True, exist_ok=True)
        copy_files(project, output)
        copy_images(project, pages, output)
        write_pages(project, pages, output, only=self.chapter.page)
