"""The same list from several clouds or regions at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from queue import Queue
from typing import Any, NamedTuple

from glancecli.auth.clouds import environ_for_other_cloud, region_names
from glancecli.cli.app import App
from glancecli.cli.cloud_options import named_cloud
from glancecli.cli.console import Console
from glancecli.cli.options import ListOptions
from glancecli.commands.shared.results import list_images
from glancecli.commands.shared.selection import Selection
from glancecli.errors import ConnectionFailed, GlanceError, SomeFailed, UsageError
from glancecli.image import Image
from glancecli.output.columns import ListColumn
from glancecli.text import listed

AT_ONCE = 8  # places that are asked at the same time
BATCH = 500  # images that one thread hands to another at a time
BATCHES = 4  # of one place that wait to be printed

# Typed cloud options that may be meant for several clouds; any other is of one of them.
FOR_ALL = frozenset({"os_cloud", "os_region_name", "os_interface", "os_image_api_version"})

Choose = Callable[[App], Selection]  # the images of one place
Write = Callable[[Console, str], None]  # Console.warn, Console.note


class Place(NamedTuple):
    """A cloud or a region of one, and the cells that its images have in front."""

    app: App
    cells: Mapping[str, str]  # cloud, region or both

    def __str__(self) -> str:
        """The place as messages name it: ``cloud a, region one``."""
        return ", ".join(f"{key} {name}" for key, name in self.cells.items())


Failure = tuple[Place, GlanceError]


class Places:
    """The clouds and regions that the command line asks for, in its order.

    Clouds are those of ``--os-cloud a,b``, regions all that clouds.yaml or else the catalog has for
    a cloud. failures are the places that could not be listed, also clouds whose regions cannot be
    found out. remarks has what was said about any of them.
    """

    def __init__(self, app: App) -> None:
        self.columns: list[ListColumn] = []
        self.all = [Place(_at(app, {}, app.environ), {})]
        self.failures: list[Failure] = []
        self.reached = 0  # places that are listed completely
        self.remarks = Remarks()
        if "," in named_cloud(app.flags, app.environ):
            self.columns.append(ListColumn("cloud", "Cloud"))
            self.all = [Place(_at_cloud(app, name), {"cloud": name}) for name in _cloud_names(app)]
        self._keep_remarks()

    def _keep_remarks(self) -> None:
        for place in self.all:
            self.remarks.keep_those_of(place)

    def find_regions(self) -> None:
        """Puts the regions of each cloud in its place."""
        self.columns.append(ListColumn("region", "Region"))
        if any(cloud.app.flags.get("os_region_name") for cloud in self.all):
            raise UsageError("--all-regions cannot be used with --os-region-name")
        self.all = list(self._regions(self.all))
        self._keep_remarks()

    def _regions(self, clouds: Sequence[Place]) -> Iterator[Place]:
        """Yields the regions of all clouds, none of those whose regions cannot be found out."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(_region_names, clouds))
        for cloud, names in zip(clouds, found, strict=True):
            if isinstance(names, GlanceError):
                self.failures.append((cloud, names))
                continue
            self.remarks.drop_those_of(cloud)  # each region makes them once more
            for name in names:
                there = _at(cloud.app, {"os_region_name": name}, cloud.app.environ)
                yield Place(there, {**cloud.cells, "region": name})


def _region_names(cloud: Place) -> list[str] | GlanceError:
    """Returns the regions of a cloud, or why they cannot be found out."""
    app = cloud.app
    try:
        names = region_names(app.flags, app.environ)
        if not names:
            return app.identity.regions("image")
        _log_in_once(app)
    except GlanceError as error:
        return error
    return names


def _log_in_once(app: App) -> None:
    """Logs in for all regions of a cloud, so that a password is asked for, or refused, once.

    Regions may have a Keystone each, so one that does not answer stops none of the others.
    """
    with suppress(ConnectionFailed):
        app.identity.token()


def _cloud_names(app: App) -> list[str]:
    """Returns the clouds that --os-cloud or OS_CLOUD names."""
    typed = named_cloud(app.flags, app.environ)
    names = [name.strip() for name in typed.split(",")]
    if "" in names:
        raise UsageError(f"--os-cloud '{typed}' has an empty name; is that an unset variable?")
    for flag, value in app.flags.items():
        if value and flag.startswith("os_") and flag not in FOR_ALL:
            option = flag.replace("_", "-")
            raise UsageError(f"--{option} cannot be used with several clouds")
    return list(dict.fromkeys(names))


def _at_cloud(app: App, cloud: str) -> App:
    return _at(app, {"os_cloud": cloud}, environ_for_other_cloud(cloud, app.environ))


def _at(app: App, flags: Mapping[str, Any], environ: Mapping[str, str]) -> App:
    """Returns the same command with these cloud options."""
    return App(app.line, {**app.flags, **flags}, environ)


class Remarks:
    """The warnings and notes about all places: each is written once, with the places it is about.

    Places are listed at the same time, so that they are written at the end.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Write, str], list[Place]] = {}

    def keep_those_of(self, place: Place) -> None:
        """Keeps what is said about a place from now on."""
        place.app.console.keep = partial(self._keep, place)

    def _keep(self, place: Place, write: Write, text: str) -> None:
        about = self._kept.setdefault((write, text), [])
        if place not in about:
            about.append(place)

    def drop_those_of(self, place: Place) -> None:
        """Forgets what was said about a place so far."""
        for remark, about in list(self._kept.items()):
            self._kept[remark] = [other for other in about if other != place]

    def write(self, console: Console, places: Places) -> None:
        """Writes all of them. Places that are still listed, as after Ctrl-C, may add others."""
        order = places.all + [place for place, _ in places.failures]
        for (write, text), about in list(self._kept.items()):
            named = sorted(about, key=order.index)
            if named:
                write(console, _beginning(named, places) + text)


def _beginning(about: Sequence[Place], places: Places) -> str:
    """Returns how a remark begins that is about these places; "" for one without a name."""
    names = listed(list(map(str, about)))
    if len(about) > 1 and about == places.all:
        names = f"each {places.columns[-1].title.lower()}"
    if names:
        return f"{names}: "
    return ""


class Listing:
    """The images of one place, which a thread of its own requests ahead of who reads them."""

    def __init__(self, place: Place, choose: Choose) -> None:
        self.place = place
        self.failure: Exception | None = None
        self._choose = choose
        self._batches: Queue[list[Image] | None] = Queue(BATCHES)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        batch: list[Image] = []
        app = self.place.app
        try:
            for image in self._choose(app).images(app.images):
                batch.append(image)
                if len(batch) == BATCH:
                    self._batches.put(batch)
                    batch = []
        except Exception as error:  # raised or reported by the thread that reads
            self.failure = error
        self._batches.put(batch)
        self._batches.put(None)

    def rows(self) -> Iterator[Image]:
        """Yields the images with the cells of the place in front."""
        while True:
            batch = self._batches.get()
            if batch is None:
                return
            for image in batch:
                yield {**self.place.cells, **image, **self.place.cells}


def list_everywhere(
    app: App,
    choose: Choose,
    columns: Sequence[ListColumn],
    listing: ListOptions,
    *,
    all_regions: bool,
) -> None:
    """Writes the images of all places, in their order. Raises SomeFailed, after naming them, if
    there are places that could not be listed; if that is so of all, nothing is written.
    """
    places = Places(app)
    try:
        if all_regions:
            places.find_regions()
        rows = _rows_of(places, choose)
        first = list(islice(rows, 1))
        if first or places.reached:
            list_images(app, chain(first, rows), [*places.columns, *columns], listing)
    finally:
        places.remarks.write(app.console, places)
    _report(places)


def _rows_of(places: Places, choose: Choose) -> Iterator[Image]:
    """Yields the images of all places, some of which are asked at the same time."""
    waiting = deque(places.all)
    running: deque[Listing] = deque()
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            running.append(Listing(waiting.popleft(), choose))
        listing = running.popleft()
        yield from listing.rows()
        if isinstance(listing.failure, GlanceError):
            places.failures.append((listing.place, listing.failure))
        elif listing.failure:
            raise listing.failure
        else:
            places.reached += 1


def _report(places: Places) -> None:
    """Raises SomeFailed after naming the failures; raises the failure itself where it is one of
    the command line, or the only place has no name.
    """
    errors = [error for _, error in places.failures]
    is_usage_error = all(isinstance(error, UsageError) for error in errors)
    is_nameless = not all(place.cells for place, _ in places.failures)
    if errors and not places.reached and (is_usage_error or is_nameless):
        raise errors[0]
    for place, error in places.failures:
        error.with_context(f"the list of {place} is missing or incomplete")
        place.app.console.report(error)
    if errors:
        raise SomeFailed
