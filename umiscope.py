"""UMIscope's public face for scripts and notebooks, and what `python -m umiscope` runs."""

from __future__ import annotations

import sys
from pathlib import Path

__version__ = "0.1.0"


def main() -> None:
    """Run the command line and leave with its exit status."""
    _leave_working_directory()
    if sys.argv[1:] == ["--version"]:
        # Answered before anything slow is imported.
        sys.stdout.write(f"umiscope {__version__}\n")
        return
    from app.cli.main import run  # noqa: PLC0415 - imported once the search path is safe

    run()


def _leave_working_directory() -> None:
    """Take the working directory off the search path, since a user's folder may hold an `app` of its own."""
    own = Path(__file__).resolve().parent
    here = Path.cwd()
    if here != own:
        sys.path[:] = [entry for entry in sys.path if Path(entry).absolute() != here]


if __name__ == "__main__":
    main()
