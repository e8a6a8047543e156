"""Run a command under an owner: it ends when the owner ends, however that came.

    python tools/keep.py OWNER_PID [--again] command …

With --again the command is started anew whenever it ends by itself.
"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType

PAUSE_SECONDS = 2
LOOK_SECONDS = 1


class Keeper:
    def __init__(self, owner: int, command: list[str], *, again: bool) -> None:
        self.owner = owner
        self.command = command
        self.again = again
        self.stopping = False
        self.child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self.stopping:
            self.child = subprocess.Popen(self.command)
            code = self._watch(self.child)
            if not self.again:
                return code
            if not self.stopping:
                print(f"ended with {code}; starting again in {PAUSE_SECONDS} s", flush=True)
                time.sleep(PAUSE_SECONDS)
        return 0

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        self.stopping = True
        if self.child is not None:
            self.child.terminate()

    def _watch(self, child: subprocess.Popen[bytes]) -> int:
        while True:
            try:
                return child.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                # Again while stopping: a child that was still starting may not have heard it.
                if self.stopping or not _is_alive(self.owner):
                    self.stop()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main(arguments: list[str]) -> int:
    owner, *command = arguments
    again = command[0] == "--again"
    return Keeper(int(owner), command[again:], again=again).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
