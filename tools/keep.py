"""Run a command again whenever it ends by itself; a signal ends both.

python tools/keep.py celery …
"""

import signal
import subprocess
import sys
import time
from types import FrameType

PAUSE_SECONDS = 2


class Keeper:
    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.child: subprocess.Popen[bytes] | None = None
        self.stopping = False

    def stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True
        if self.child is not None:
            self.child.terminate()

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self.stopping:
            self.child = subprocess.Popen(self.command)
            code = self.child.wait()
            if not self.stopping:
                print(f"ended with {code}; starting again in {PAUSE_SECONDS} s", flush=True)
                time.sleep(PAUSE_SECONDS)
        return 0


if __name__ == "__main__":
    sys.exit(Keeper(sys.argv[1:]).run())
