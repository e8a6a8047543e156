import subprocess
import sys

from tests.architecture import ROOT

STOPPED_BEFORE_IT_BEGAN = """
import run
manager = run.Manager()
manager.add_process("web", "exec sleep 60")
manager.add_process("worker", "exec sleep 60")
manager.terminate()
manager.loop()
print("ended")
"""


def test_a_stop_before_the_processes_have_reported_ends_them() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STOPPED_BEFORE_IT_BEGAN],
        cwd=ROOT / "tools",
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )

    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "ended")
