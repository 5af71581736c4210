"""Nobody is left behind when the process that started them is killed."""

from __future__ import annotations

import subprocess
import sys

CHILD = """
import threading
from qalqan.parent import end_with_parent

end_with_parent()
threading.Event().wait()
"""
PARENT = f"""
import subprocess, sys
from qalqan.parent import with_parent
child = subprocess.Popen(
    [sys.executable, "-c", {CHILD!r}], env=with_parent(), stdin=subprocess.PIPE
)
print(child.pid, flush=True)
input()
"""


def test_a_child_ends_with_its_killed_parent() -> None:
    """The end of its output is the end of the child: it holds the pipe as long as it lives."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert int(parent.stdout.readline()) > 0
    parent.kill()
    parent.wait()
    assert parent.stdout.read() == ""
    parent.stdout.close()
    assert parent.stdin is not None
    parent.stdin.close()


def test_who_names_no_parent_lives_on() -> None:
    code = "from qalqan.parent import end_with_parent; end_with_parent(); print('lives')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "lives\n"
