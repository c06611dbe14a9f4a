"""The values that an option or argument may have, for the completion in shells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import click

from glancecli.cli.types import TrueFalse

if TYPE_CHECKING:
    from glancecli.auth.image_names import ImageNames
    from glancecli.cli.app import App
    from glancecli.cli.program import Program

MOST = 300  # offers: nobody reads more


class Offer(NamedTuple):
    """A word that may stand at the cursor, and a line about it for shells that show one.

    once_begun: offer it only where its beginning is typed.
    """

    value: str
    help: str = ""
    once_begun: bool = False


class Offers(NamedTuple):
    """The words that may stand at the cursor; with files, names of files as well."""

    words: list[Offer]
    files: bool = False


class Known:
    """What is known on this machine about the cloud of a command line.

    own_words are the program's own options on it, command is the command that it names.
    """

    def __init__(self, program: Program, own_words: Sequence[str], command: str) -> None:
        self.program = program
        self.command = command
        self._own_words = own_words

    @cached_property
    def app(self) -> App:
        """The run that the command line is going to be."""
        from glancecli.cli.app import App, CommandLine

        name = self.program.name or ""
        ctx = self.program.make_context(name, list(self._own_words), resilient_parsing=True)
        return App(CommandLine(name), ctx.params)

    @cached_property
    def names(self) -> ImageNames:
        """The names of images, tags and stores that the last lists have shown."""
        from glancecli.auth.image_names import ImageNames

        names = ImageNames(self.app.settings)
        names.load()
        return names


def offers_for(param: click.Parameter, known: Known, current: str) -> Offers:
    """Returns the values that begin with ``current``; none where any text will do."""
    metavar = str(param.metavar or "")
    if metavar in ("FILE", "URL|FILE"):
        return Offers([], files=True)
    before = ""
    if metavar.endswith(",...") or param.name == "os_cloud":
        before = current[: current.rfind(",") + 1]
    found = _chosen(_values(param, known), current[len(before) :])
    return Offers([Offer(before + offer.value, offer.help) for offer in found])


def _values(param: click.Parameter, known: Known) -> Iterable[Offer]:
    """Returns all values of an option or argument that are known."""
    if isinstance(param.type, click.Choice):
        return map(Offer, map(str, param.type.choices))
    if isinstance(param.type, TrueFalse):
        return (Offer("True"), Offer("False"))
    source = BY_NAME.get(param.name or "") or BY_METAVAR.get(str(param.metavar))
    if source is None:
        return ()
    return source(known)


def _chosen(found: Iterable[Offer], current: str) -> Iterable[Offer]:
    """Returns the first offers that begin like this and can be typed."""
    kept: dict[str, Offer] = {}
    for offer in found:
        if offer.once_begun and not current:
            continue
        if offer.value.startswith(current) and offer.value and offer.value.isprintable():
            kept.setdefault(offer.value, offer)
        if len(kept) == MOST:
            break
    return kept.values()


def _images(known: Known) -> Iterator[Offer]:
    """Yields the names of images, with the ID of each; then the IDs, with their names.

    Where nothing is typed, an ID is offered only if its name does not choose the image.
    """
    from collections import Counter

    images = known.names.images
    count = Counter(images.values())
    yield from (Offer(name, image_id) for image_id, name in images.items())
    for image_id, name in images.items():
        has_name = count[name] == 1 and name.isprintable() and not name.startswith("-")
        yield Offer(image_id, name, once_begun=has_name and bool(name))


def _tags(known: Known) -> Iterator[Offer]:
    return map(Offer, known.names.tags)


def _stores(known: Known) -> Iterator[Offer]:
    return map(Offer, known.names.stores)


def _clouds(known: Known) -> Iterator[Offer]:
    from glancecli.auth.clouds import listed_clouds

    for cloud in listed_clouds(known.app.environ, known.app.console.detail):
        yield Offer(cloud.name, cloud.auth_url)


def _commands(known: Known) -> Iterator[Offer]:
    entries = known.program.entries
    return (Offer(name, entries[name].help) for name in known.program.shown())


def _image_values(key: str) -> Callable[[Known], Iterator[Offer]]:
    """Returns what yields the known values of an attribute of images."""

    def values(known: Known) -> Iterator[Offer]:
        from glancecli.image import KNOWN_VALUES

        return map(Offer, KNOWN_VALUES[key])

    return values


def _words(text: str) -> Callable[[Known], Iterator[Offer]]:
    def values(known: Known) -> Iterator[Offer]:
        return map(Offer, text.split())

    return values


def _attributes(known: Known) -> Iterable[Offer]:
    if not known.command.startswith("image-"):
        return ()
    from glancecli.image import ATTRIBUTES

    return map(Offer, sorted(ATTRIBUTES))


def _sort_keys(known: Known) -> Iterator[Offer]:
    from glancecli.image import SORT_KEYS

    return map(Offer, SORT_KEYS)


def _bus_keys(known: Known) -> Iterator[Offer]:
    from glancecli.hardware import KEYS

    return map(Offer, KEYS)


Source = Callable[[Known], Iterable[Offer]]

# By the name of the parameter.
BY_NAME: Mapping[str, Source] = {
    "disk_format": _image_values("disk_format"),
    "container_format": _image_values("container_format"),
    "visibility": _image_values("visibility"),
    "status": _image_values("status"),
    "columns": _attributes,
    "sort_column": _attributes,
    "sort": _sort_keys,
    "sort_keys": _sort_keys,
    "sort_dirs": _words("asc desc"),
    "key": _bus_keys,
    "os_cloud": _clouds,
    "os_interface": _words("public internal admin"),
    "os_image_api_version": _words("2 1"),
    "tls_min_version": _words("1.2 1.3"),
    "import_method": _words("glance-direct web-download copy-image glance-download"),
    "libvirt_type": _words("kvm qemu xen vmware lxc uml parallels"),
}
# By what help shows for the value.
BY_METAVAR: Mapping[str, Source] = {
    "IMAGE": _images,
    "NAME-OR-GLOB": _images,
    "TAG": _tags,
    "STORE": _stores,
    "STORE,...": _stores,
    "STORES": _stores,
    "CLOUD": _clouds,
    "COMMAND": _commands,
}
