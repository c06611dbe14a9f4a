"""The recipes of docs/from-the-web.md, run against servers on loopback with the same layouts."""

from __future__ import annotations

import bz2
import hashlib
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.commands.test_web import DATA, created
from tests.support.fakeglance import TOKEN, FakeGlance
from tests.support.programs import Result
from tests.support.webserver import WebServer

PAGE = Path(__file__).parent.parent.parent / "docs" / "from-the-web.md"
RECIPES = [
    shlex.split(block.replace("\\\n", " "))
    for block in re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
]


def digest(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data).hexdigest()


class Layout(NamedTuple):
    """How a distribution publishes its images: the list, the file, and what is verified."""

    list_of: Callable[[str, bytes], str]
    data: bytes = DATA
    algorithm: str = "sha256"


def clearsigned(text: str) -> str:
    return (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{text}"
        "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"
    )


def fedora(name: str, data: bytes) -> str:
    return clearsigned(f"# {name}: {len(data)} bytes\nSHA256 ({name}) = {digest('sha256', data)}\n")


def flatcar(name: str, data: bytes) -> str:
    sections = [
        f"# {a.upper()} HASH\n{digest(a, data)}  {name}\n" for a in ("md5", "sha1", "sha512")
    ]
    return "".join(sections)


LAYOUTS = {
    "debian-12": Layout(lambda n, d: f"{digest('sha512', d)}  {n}\n", algorithm="sha512"),
    "ubuntu-24.04": Layout(lambda n, d: f"{digest('sha256', d)} *{n}\n"),
    "fedora-40": Layout(fedora),
    "rocky-9": Layout(lambda n, d: f"# {n}: 1 bytes\nSHA256 ({n}) = {digest('sha256', d)}\n"),
    "almalinux-9": Layout(lambda n, d: f"SHA256 ({n}) = {digest('sha256', d)}\n"),
    "opensuse-15.6": Layout(lambda n, d: f"{digest('sha256', d)}  {n}\n"),
    "cirros-0.6.2": Layout(lambda n, d: f"{digest('md5', d)}  {n}\n", algorithm="md5"),
    "flatcar": Layout(flatcar, bz2.compress(DATA), "sha512"),
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGlance]:
    made = FakeGlance()
    monkeypatch.setenv("OS_IMAGE_URL", made.url)
    monkeypatch.setenv("OS_AUTH_TOKEN", TOKEN)
    yield made
    made.close()


def test_each_distribution_has_a_layout() -> None:
    assert [words[2] for words in RECIPES] == list(LAYOUTS)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda words: words[2])
def test_a_recipe_works_on_a_server_with_the_same_layout(
    glance: Callable[..., Result], service: FakeGlance, web: WebServer, recipe: list[str]
) -> None:
    """Signatures are left out: the keys of the distributions are not ours."""
    layout = LAYOUTS[recipe[2]]
    urls = [word for word in recipe if word.startswith("https://")]
    image, published = (urlsplit(url).path for url in urls)
    name = image.rpartition("/")[2]
    web.files = {image: layout.data, published: layout.list_of(name, layout.data).encode()}
    words = [web.url(urlsplit(word).path) if word in urls else word for word in recipe[1:]]
    if "--keyring" in words:
        at = words.index("--keyring")
        del words[at : at + 2]
    result = glance(*words)
    assert result.code == 0, result.err
    made = created(service)
    assert service.data[made["id"]] == DATA
    expected = f"{layout.algorithm}:{digest(layout.algorithm, layout.data)}"
    assert (made["disk_format"], made["source_checksum"]) == ("qcow2", expected)
