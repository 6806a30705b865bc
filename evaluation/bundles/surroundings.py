"""What the code of a bundle is run with: nothing of the user's, and its own folders for what it writes."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OF_THE_SYSTEM = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS")
"""Without these no program starts on Windows."""


@contextmanager
def clean_surroundings() -> Iterator[dict[str, str]]:
    """Give the variables of an environment of its own: no home, no tokens, no proxies, no search path of the user.

    The home folder and the folder for temporary files are new, and gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="regiodeal-", ignore_cleanup_errors=True) as name:
        home, temporary = Path(name) / "home", Path(name) / "tmp"
        home.mkdir()
        temporary.mkdir()
        kept = {name: value for name, value in os.environ.items() if name.upper() in _OF_THE_SYSTEM}
        folders = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
        folders |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        yield {**kept, **folders, "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONNOUSERSITE": "1"}
