"""Make .venv hold exactly what the given locks name. Needs python3 and pip, nothing else.

    python3 tools/environment.py requirements.txt [requirements-dev.txt …]

A stamp with the hash of each lock makes the next call return at once.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "locks.json"
BOOTSTRAP = ROOT / ".tools"
PIP_OPTIONS = ("--no-input", "-qq", "--require-hashes", "--root-user-action=ignore")
OLDEST = (3, 11)


def main(locks: list[str]) -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"{sys.executable} is Python {sys.version.split()[0]}; allowed: 3.11 and newer. "
            "Name one: make run PYTHON=python3.12"
        )
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # `make run` and `make test` may start together
        wanted = {name: _digest(ROOT / name) for name in locks}
        if wanted.items() <= _stamped().items():
            return
        _install(wanted)


def _install(wanted: dict[str, str]) -> None:
    stamped = _stamped()
    if not PYTHON.exists():
        print("· making the environment .venv", flush=True)
        stamped = {}
        _make_environment()
    print("· installing packages (about a minute the first time)", flush=True)
    STAMP.unlink(missing_ok=True)
    names = [part for name in wanted for part in ("-r", str(ROOT / name))]
    _pip(PYTHON, "install", *PIP_OPTIONS, *names)
    STAMP.write_text(json.dumps(stamped | wanted, indent=1))


def _make_environment() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(ENVIRONMENT)], capture_output=True, text=True
    )
    if made.returncode == 0:
        return
    # Debian ships Python without ensurepip; virtualenv brings its own pip.
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    target = ("--target", str(BOOTSTRAP), "--upgrade")
    lock = ("-r", str(ROOT / "requirements-bootstrap.txt"))
    _pip(Path(sys.executable), "install", *PIP_OPTIONS, *target, *lock)
    subprocess.run(
        [sys.executable, "-m", "virtualenv", "--quiet", str(ENVIRONMENT)],
        env=os.environ | {"PYTHONPATH": str(BOOTSTRAP)},
        check=True,
    )


def _pip(python: Path, *arguments: str) -> None:
    done = subprocess.run([str(python), "-m", "pip", *arguments])
    if done.returncode:
        sys.exit(f"pip ended with {done.returncode}; see its message above.")


def _digest(path: Path) -> str:
    content = path.read_bytes() + sys.version.encode() + str(ROOT).encode()
    return hashlib.sha256(content).hexdigest()


def _stamped() -> dict[str, str]:
    if not (PYTHON.exists() and STAMP.exists()):
        return {}
    return json.loads(STAMP.read_text())


if __name__ == "__main__":
    main(sys.argv[1:])
