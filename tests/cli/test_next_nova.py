"""nova's other commands reach the next nova on PATH as they were typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import glancecli

SOURCE = str(Path(glancecli.__file__).parents[1])


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder with our own nova, as an installer writes it."""
    return folder(
        tmp_path / "ours",
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {SOURCE!r})\n"
        "from glancecli.cli.start import nova\nnova()\n",
    )


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder with another nova, which tells what it was given and ends with 7."""
    script = '#!/bin/sh\nprintf "<%s>" "$0" "$@"\nprintf "|$OS_CLOUD|$PWD|"\ncat\necho oops >&2\nexit 7\n'
    return folder(tmp_path / "theirs", script)


def folder(path: Path, script: str) -> Path:
    path.mkdir()
    program = path / "nova"
    program.write_text(script)
    program.chmod(0o755)
    return path


def call(
    first: Path, *words: str, path: list[Path], stdin: bytes = b"", **environ: str
) -> tuple[int, str, str]:
    """Run the nova of the first folder with these folders on PATH, and the system's behind them."""
    names = os.pathsep.join([*map(str, path), "/usr/bin", "/bin"])
    done = subprocess.run(
        [first / "nova", *words],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env={"PATH": names, "HOME": "/nonexistent", "LANG": "C.UTF-8", **environ},
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--all-tenants", "--name", "a b", ""],
        ["--os-cloud", "x", "boot", "--image", "image-list", "vm"],
        ["--timings", "flavor-list"],
        ["--timings", "delete", "backup"],
        ["--timings", "help", "boot"],
        ["--os-auth-system", "keystone", "list", "completion"],
        ["--os-identity-provider", "image-list", "list"],
        ["--unheard-of", "delete", "image-list"],
        ["--unheard-of=image-list", "list"],
        ["--os-compute-api-version", "2.90", "server-migration-list", "--", "-x"],
        ["help", "boot"],
        ["delete", "Grüße", "*"],
    ],
)
def test_arguments_environment_stdin_and_exit_code_are_untouched(
    ours: Path, theirs: Path, words: list[str]
) -> None:
    code, out, err = call(ours, *words, path=[ours, theirs], stdin=b"typed\n", OS_CLOUD="prod")
    given = "".join(f"<{word}>" for word in [str(theirs / "nova"), *words])
    assert (code, out, err) == (7, f"{given}|prod|{Path.cwd()}|typed\n", "oops\n")


def test_a_link_to_ours_and_a_second_installation_are_skipped(
    ours: Path, theirs: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.mkdir()
    (link / "nova").symlink_to(ours / "nova")
    second = folder(tmp_path / "second", (ours / "nova").read_text())
    code, out, _ = call(link, "list", path=[second, link, ours, second, theirs])
    assert (code, out.split("|")[0]) == (7, f"<{theirs / 'nova'}><list>")


def test_two_installations_of_ours_do_not_call_each_other_in_a_loop(
    ours: Path, tmp_path: Path
) -> None:
    second = folder(tmp_path / "second", (ours / "nova").read_text())
    code, out, err = call(ours, "list", path=[ours, second])
    assert (code, out) == (2, "")
    assert err.startswith(
        "nova: error: there is no command 'list'; nova here has image commands only, and "
    )


def test_a_wrapper_that_calls_ours_does_not_loop(ours: Path, tmp_path: Path) -> None:
    wrapper = folder(tmp_path / "wrapper", f'#!/bin/sh\n"{ours}/nova" "$@"\n')
    code, out, _ = call(wrapper, "list", path=[wrapper, ours])
    assert (code, out) == (2, "")


def test_with_no_other_nova_the_commands_of_openstack_are_ours(ours: Path) -> None:
    code, out, err = call(ours, "image", "list", path=[ours])
    assert (code, out) == (2, "")
    assert err == "nova: error: there is no command 'image'; use image-list (see nova --help)\n"


@pytest.mark.parametrize(
    "words", [["-v", "--os-compute-api-version", "2.36", "boot", "vm"], ["help", "boot"]]
)
def test_with_no_other_nova_one_line_says_which_commands_there_are(
    ours: Path, tmp_path: Path, words: list[str]
) -> None:
    not_executable = tmp_path / "data"
    not_executable.mkdir()
    (not_executable / "nova").write_text("#!/bin/sh\nexit 0\n")
    directory = tmp_path / "directory"
    (directory / "nova").mkdir(parents=True)
    code, out, err = call(ours, *words, path=[ours, not_executable, directory])
    assert (code, out) == (2, "")
    assert err == (
        "nova: error: there is no command 'boot'; nova here has image commands only, and no other nova is on PATH; "
        "for servers use `openstack server ...` (see nova --help)\n"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("image-lst", "image-list"), ("bakup", "backup"), ("imagecreate", "image-create")],
)
def test_a_mistyped_command_of_ours_is_a_usage_error_with_the_right_one(
    ours: Path, typed: str, meant: str
) -> None:
    assert call(ours, typed, path=[ours]) == (
        2,
        "",
        f"nova: error: there is no command '{typed}'; did you mean {meant}? (see nova --help)\n",
    )


@pytest.mark.parametrize("word", ["usage-list", "agent-list", "list", "image-list-more-and-more"])
def test_a_command_of_the_other_nova_is_not_taken_for_a_mistake(ours: Path, word: str) -> None:
    code, _, err = call(ours, word, path=[ours])
    assert (code, "did you mean" in err) == (2, False)


def test_with_no_other_nova_a_mistyped_option_is_reported(ours: Path) -> None:
    code, out, err = call(ours, "--os-clod", "prod", "image-list", path=[ours])
    assert (code, out) == (2, "")
    assert err == (
        "nova: error: unrecognized arguments: --os-clod; did you mean --os-cloud? (see nova --help)\n"
    )


def test_a_program_without_a_first_line_that_names_its_interpreter_is_run_by_sh(
    ours: Path, tmp_path: Path
) -> None:
    plain = folder(tmp_path / "plain", 'printf "<%s>" "$0" "$@"; exit 7\n')
    code, out, err = call(ours, "list", "a b", path=[ours, plain])
    assert (code, out, err) == (7, f"<{plain / 'nova'}><list><a b>", "")


def test_a_program_that_cannot_be_started_is_named(ours: Path, tmp_path: Path) -> None:
    broken = folder(tmp_path / "broken", "#!/no/such/interpreter\n")
    code, out, err = call(ours, "list", path=[ours, broken])
    assert (code, out) == (1, "")
    assert err == f"nova: error: {broken}/nova cannot be started: No such file or directory\n"


def test_a_closed_pipe_ends_the_other_program_as_if_it_had_been_called_directly(
    ours: Path, tmp_path: Path
) -> None:
    forever = folder(tmp_path / "forever", "#!/bin/sh\nwhile :; do echo line; done\n")
    line = f"PATH={ours}:{forever}:$PATH nova list | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"line\n", b"")


@pytest.mark.parametrize(
    "words",
    [
        ["image-list", "--help"],
        ["-v", "backup", "--help"],
        ["help", "image-create"],
        ["help"],
        [],
        ["--version"],
    ],
)
def test_our_own_commands_stay_with_us(ours: Path, theirs: Path, words: list[str]) -> None:
    code, out, err = call(ours, *words, path=[ours, theirs])
    assert (code, err) == (0, "")
    assert out.startswith("nova " if words == ["--version"] else "usage: nova")


def test_help_says_where_the_other_commands_come_from(ours: Path, theirs: Path) -> None:
    _, out, _ = call(ours, "help", path=[ours, theirs])
    assert "Any other command goes to the next nova on PATH." in out
