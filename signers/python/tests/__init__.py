"""Run with `python3 -m unittest` in the folder above."""

import pathlib
import sys

# The package as it stands here, whether or not one is installed.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "src"))
