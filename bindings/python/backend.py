"""The build backend: maturin, with the command as a script of the wheel.

maturin builds either a module or a program. So this backend builds the program first, unless
`STRPORTS_COMMAND` names an existing one, and adds it to the wheel as a script.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import maturin
from maturin import get_requires_for_build_wheel

__all__ = [
    "build_wheel",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_wheel",
]

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "data" / "scripts"
NAME = "strports.exe" if sys.platform == "win32" else "strports"


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    # maturin fails without this folder, even if it only prepares metadata.
    SCRIPTS.mkdir(parents=True, exist_ok=True)
    return maturin.prepare_metadata_for_build_wheel(metadata_directory, config_settings)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    shutil.rmtree(SCRIPTS, ignore_errors=True)
    SCRIPTS.mkdir(parents=True)
    shutil.copy(command(), SCRIPTS / NAME)
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def command():
    """Returns the path of the command, and builds it if `STRPORTS_COMMAND` is not set."""
    given = os.environ.get("STRPORTS_COMMAND")
    if given:
        return given
    root = HERE.parent.parent
    # Links for older systems, because the wheel must also run on those.
    environment = {**os.environ, "STRPORTS_LINK": "portable"}
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--package", "strports"],
        cwd=root, env=environment, check=True,
    )
    target = os.environ.get("CARGO_TARGET_DIR", root / "target")
    return Path(target, os.environ.get("CARGO_BUILD_TARGET", ""), "release", NAME)
