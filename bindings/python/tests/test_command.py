"""Tests that the wheel contains the command `strports`, and that it runs."""

import importlib.metadata
import shutil
import subprocess
import sysconfig
from pathlib import Path

import strports


def command():
    found = shutil.which("strports", path=sysconfig.get_path("scripts"))
    assert found, "the command is no script of the environment"
    return found


def test_the_command_is_a_program_and_no_script_of_python():
    assert not Path(command()).read_bytes().startswith(b"#!")


def test_the_command_and_the_module_have_one_version():
    done = subprocess.run([command(), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["strports", importlib.metadata.version("strports")]


def test_the_command_and_the_module_find_the_same(tmp_path):
    text = "web: daphne -e ssl:8443:privateKey=key.pem:interface=::1 site.asgi:application\n"
    (tmp_path / "Procfile").write_text(text)
    done = subprocess.run(
        [command(), "check", "--format", "short"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    (finding,) = strports.check_files([tmp_path]).findings
    line, column = finding.start
    said = "Procfile:{}:{}: {}: {} [{}]".format(
        line, column, finding.severity, finding.message, finding.rule
    )
    assert done.stdout.splitlines()[0] == said


def test_the_package_is_typed():
    assert (Path(strports.__file__).parent / "py.typed").exists()
