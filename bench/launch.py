"""Runs one program and says what it took; a script that imports next to nothing.

The peak memory that the system reports for a process counts the program that started it as well, up to the moment of the start:
started from a large program, a small one would seem large.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """Arguments: the file descriptor to report to, and the command."""
    if sys.platform == "win32":
        sys.exit("what a process used cannot be measured here: there is no wait4")
    else:
        report, command = int(sys.argv[1]), sys.argv[2:]
        os.set_inheritable(report, False)
        began = time.perf_counter()
        child = os.posix_spawnp(command[0], command, os.environ)
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - began
        unit = 1 if sys.platform == "darwin" else 1024
        with os.fdopen(report, "w") as file:
            json.dump([os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit], file)


if __name__ == "__main__":
    main()
