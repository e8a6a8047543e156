"""The tools are scripts, not a package: tests import them as `make` would run them."""

import sys

from tests.architecture import ROOT

sys.path.insert(0, str(ROOT / "tools"))
