"""What saves notebooks in JupyterLab: git is shown each at once, so that outputs never count as a change."""

import asyncio
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from evaluation.base.paths import project_root
from evaluation.run.notebook_outputs import has_filter, refresh_index


class DeskContents(AsyncLargeFileManager):
    """JupyterLab's own way to save files; behind a notebook git looks at it (`notebook_outputs.refresh_index`)."""

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Save a file or a folder."""
        saved = await super().save(model, path)
        place = Path(self._get_os_path(path))
        if place.suffix == ".ipynb":
            await asyncio.to_thread(_show_to_git, place)
        return saved


def _show_to_git(place: Path) -> None:
    root = project_root()
    if place.resolve().is_relative_to(root.resolve()) and has_filter(root):
        refresh_index(root, place)
