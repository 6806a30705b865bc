"""What Quarto runs before (voor) and after (na) a render from this project (evaluation/publish/engine/from_root.py)."""

import os
import sys
from pathlib import Path

try:
    from evaluation.publish.engine.from_root import after, before
except ModuleNotFoundError as error:
    environment = Path(__file__).resolve().parents[1] / ".venv"
    own = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not own.is_file() or Path(sys.prefix).resolve() == environment.resolve():
        sys.exit(
            f"Quarto's Python ({sys.executable}) has no {error.name}. Give `make setup` first, or put the Python of "
            "this project's environment first on PATH (conda activate regiodeal), or name it in QUARTO_PYTHON."
        )
    os.execv(own, [str(own), *sys.argv])

{"voor": before, "na": after}[sys.argv[1]]()
