#!/usr/bin/env python3
"""Runs the steps of a composite action as a runner does: ci/run_action.py ACTION FOLDER

The inputs have their defaults. The working directory is FOLDER/tree, and FOLDER has the files that
a runner provides. It supports only what our action needs: `run`, `env` and outputs of earlier steps.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml


def main():
    action, folder = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2])
    values = {f"inputs.{name}": it.get("default", "") for name, it in action["inputs"].items()}
    for number, step in enumerate(action["runs"]["steps"]):
        output = folder / f"output-{number}"
        output.touch()
        environment = {
            **os.environ,
            **{name: filled(text, values) for name, text in step.get("env", {}).items()},
            "GITHUB_OUTPUT": str(output),
            "RUNNER_TEMP": str(folder),
        }
        # The command of `shell: bash` on a runner.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, env=environment, cwd=folder / "tree")
        if done.returncode:
            sys.exit(done.returncode)
        for line in output.read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            values[f"steps.{step['id']}.outputs.{name}"] = value


def filled(text, values):
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda it: str(values[it[1]]), text)


if __name__ == "__main__":
    main()
