"""What a release consists of, as far as it can be told without building it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.release import reduce_to_python, write_checksums

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("called", "program"),
    [
        ("/opt/glancecli-1.0.0.pyz", "glancecli"),
        ("./glance", "glance"),
        ("glance.pyz", "glance"),
        ("nova-1.0.0.pyz", "nova"),
        ("image-tool", "glancecli"),
    ],
)
def test_the_one_file_is_the_program_that_it_is_called_after(called: str, program: str) -> None:
    code = (
        "import sys; from glancecli.cli import main, start; "
        "start._exit_now = lambda code: print(code); "
        "main.glance, main.nova, main.glancecli = (lambda: 'glance'), (lambda: 'nova'), "
        "(lambda: 'glancecli'); "
        f"sys.argv[0] = {called!r}; start.by_name()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{program}\n"


def test_only_modules_that_every_python_can_import_go_into_the_one_file(tmp_path: Path) -> None:
    kept = ["click/core.py", "click-8.dist-info/METADATA", "yaml/cyaml.py", "requests/certs.pem"]
    gone = [
        "yaml/_yaml.cpython-310-x86_64-linux-gnu.so", "bin/rich", "share/man/man1/glance.1",
        "setuptools/a.py", "setuptools-80.dist-info/METADATA", "pbr/tests/test.py", "x.pth",
    ]  # fmt: skip
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    reduce_to_python(tmp_path)
    left = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(left) == sorted(kept)


def test_the_checksums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    (dist := tmp_path / "dist").mkdir()
    (dist / "b.whl").write_bytes(b"b")
    (dist / "a.pyz").write_bytes(b"a")
    write_checksums(dist)
    assert (dist / "SHA256SUMS").read_text() == (
        f"{hashlib.sha256(b'a').hexdigest()}  a.pyz\n{hashlib.sha256(b'b').hexdigest()}  b.whl\n"
    )


def test_the_container_runs_glance_and_not_as_root() -> None:
    lines = (ROOT / "Containerfile").read_text().splitlines()
    assert 'ENTRYPOINT ["glance"]' in lines
    assert [line for line in lines if line.startswith("USER ")] == ["USER 1000:1000"]
    assert all("-slim" in line for line in lines if line.startswith("FROM "))
