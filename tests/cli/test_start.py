"""The programs as processes: what they say is all there, although they end without delay."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = "import sys; from glancecli.cli.start import {0}; sys.argv[0] = '{0}'; {0}(); print('still here')"


def call(name: str, *words: str, shell: str = '"$@"') -> subprocess.CompletedProcess[str]:
    """Run a program as its installed script does, within a line of shell."""
    return subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-c", CODE.format(name), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", ["glancecli", "glance", "nova"])
def test_a_program_writes_all_its_output_and_exits_0(name: str) -> None:
    done = call(name, "help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f'See "{name} help COMMAND" for help on one command.\n')


def test_output_through_a_pipe_is_complete() -> None:
    whole = call("glance", "completion", "bash").stdout
    assert whole.endswith("complete -F _glance glance\n")
    assert call("glance", "completion", "bash", shell='"$@" | cat').stdout == whole


def test_a_usage_error_is_one_line_on_stderr_and_exit_2() -> None:
    done = call("glance", "image-list", "--no-such-option")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_a_full_disk_is_an_error() -> None:
    done = call("glance", "--version", shell='"$@" > /dev/full')
    assert (done.returncode, done.stderr) == (1, "glance: error: No space left on device\n")


def test_closed_streams_do_no_harm() -> None:
    assert call("glance", "--no-such-option", shell='"$@" >&- 2>&-').returncode == 2


def test_a_program_imports_requests_without_charset_detection_and_without_a_warning() -> None:
    code = (
        "import sys; from glancecli.cli import main, start; "
        "start.os._exit = lambda code: None; main.glance = lambda: 0; start.glance(); "
        "import requests; loaded = ('chardet', 'charset_normalizer'); "
        "print([name for name in loaded if sys.modules.get(name)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


LOADING = """
import importlib.abc, sys

class Loading(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {0!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Loading())
from glancecli.cli.start import glance
glance()
"""


@pytest.mark.parametrize(
    "module", ["glancecli.cli.main", "click", "glancecli.commands.image_list", "requests"]
)
def test_ctrl_c_while_modules_load_prints_one_line(module: str) -> None:
    code = LOADING.format(module)
    words = ("--os-image-url", "http://127.0.0.1:1", "--os-auth-token", "t", "image-list")
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "glance: interrupted\n")


def test_a_second_ctrl_c_while_the_first_is_reported_prints_no_traceback() -> None:
    code = (
        "import sys; from glancecli.cli import main, start\n"
        "def interrupted(): raise KeyboardInterrupt\n"
        "main.glance = interrupted; start.glance()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (130, "glance: interrupted\n")


def test_python_m_glancecli_is_the_umbrella_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glancecli", "--version"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("glancecli ")
