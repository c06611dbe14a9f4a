"""Reads the files that define clouds: clouds.yaml, secure.yaml, clouds-public.yaml, and the
sandbox's clouds.yaml.

As in openstacksdk (``openstack.config.loader``), the first file is read that exists and can be
opened, of NAME.yaml, NAME.yml and NAME.json in the working folder, the user's folder and the
site's. Two things differ, so that no other user directs our secrets to a cloud of theirs: a file in
the working folder must be trusted (``auth.file_trust``), and a secure.yaml from another folder than
clouds.yaml counts only for the clouds whose auth_url it knows.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.auth.layers import as_mapping
from glancecli.errors import SettingsError
from glancecli.sandbox.paths import user_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from glancecli.auth.layers import Config

    Environ = Mapping[str, str]


_ENDINGS = (".yaml", ".yml", ".json")

# What to do about a file that cannot be parsed. The parsers' own words may repeat secrets of it.
YAML_HINT = (
    "Look there and just before: indent with blanks, not tabs; close brackets and quotes; quote "
    "values with ': ' or ' #' and those that begin with any of !&*%@`[{|>."
)
JSON_HINT = "Look there and just before: quotes around names and texts, commas between entries."


def folders(environ: Environ) -> list[Path]:
    """Returns the folders that are searched, in this order: the working folder, the user's folder,
    the site's folders, /etc/openstack.
    """
    home = user_home(environ)
    real_home = environ.get("SNAP_REAL_HOME") or home
    config_home = environ.get("XDG_CONFIG_HOME", "")
    user = config_home.strip() or Path(home, ".config")
    sites = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    roots = [user, Path(real_home, ".config"), *sites.split(":"), "/etc"]
    found = {working_folder(): None}  # a dict keeps the order, and each folder once
    for root in roots:
        if root:
            found[Path(root, "openstack")] = None
    return list(found)


def working_folder() -> Path:
    """Returns the path of the working folder, ``.`` where that has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path()


def sandbox_file(environ: Environ) -> Path:
    """Returns the path of the sandbox's clouds.yaml."""
    from glancecli.sandbox import clouds_file

    return Path(clouds_file(environ))


class _File:
    """A file that was read and its content; the path is "" when no file was found."""

    def __init__(self, path: str, content: Config) -> None:
        self.path = path
        self.content = content

    def section(self, key: str) -> Config:
        """Returns the mapping under a key."""
        return as_mapping(self.content.get(key), f"In {self.path}, {key}")


_NO_FILE = _File("", {})


class CloudFiles:
    """The clouds that the files define.

    path is the clouds file that was read, or ""; clouds maps a name to its entry, merged with that
    of secure.yaml, which overrides. warn is called for what is ignored. Raises SettingsError when a
    file is not a valid clouds file.
    """

    def __init__(self, environ: Environ, warn: Callable[[str], None]) -> None:
        self._environ = environ
        self._warn = warn
        clouds = self._first("clouds", "OS_CLIENT_CONFIG_FILE")
        secure = self._first("secure", "OS_CLIENT_SECURE_FILE")
        self.path = clouds.path
        self.clouds: Config = clouds.section("clouds")
        secrets = secure.section("clouds")
        if not self._belongs_to(clouds, secure):
            secrets = self._secrets_of_same_address(secrets, secure)
        self.clouds = _overlay(self.clouds, secrets)

    def _belongs_to(self, clouds: _File, secure: _File) -> bool:
        """Whether secure.yaml is meant for this clouds.yaml: named, or of the same folder."""
        if not clouds.path or not secure.path:
            return True
        if secure.path == self._environ.get("OS_CLIENT_SECURE_FILE"):
            return True
        return Path(clouds.path).absolute().parent == Path(secure.path).absolute().parent

    def _secrets_of_same_address(self, secrets: Config, secure: _File) -> Config:
        """Returns those entries of a secure.yaml of another folder that are for the same cloud: the
        auth_url in it, or in the clouds.yaml beside it, is that of the cloud.
        """
        folder = Path(secure.path).parent
        beside = self._first_in([folder / ("clouds" + ending) for ending in _ENDINGS])
        kept = {}
        for name, entry in secrets.items():
            own = _overlay_any(beside.section("clouds").get(name), entry)
            here = self.clouds.get(name)
            if _address(own) and _address(own) == _address(here):
                kept[name] = entry
            elif here is not None:
                self._warn(
                    f"cloud {name}: {secure.path} is ignored, as it is in another folder than "
                    f"{self.path} and has no auth_url for this cloud, or another one"
                )
        return kept

    def sandbox(self) -> Config:
        """Returns the sandbox's clouds by name; none when it was never started."""
        path = sandbox_file(self._environ)
        file = _read(path, check=True, warn=self._warn) or _NO_FILE
        return file.section("clouds")

    def profile(self, name: str) -> Config:
        """Returns the profile of a provider: its entry in clouds-public.yaml, else a built-in one.

        It is empty for an unknown provider. Raises SettingsError when the provider's cloud no
        longer exists.
        """
        public = self._first("clouds-public", "OS_CLIENT_VENDOR_FILE")
        providers = public.section("public-clouds")
        if name in providers:
            return as_mapping(providers[name], f"In {public.path}, {name}")
        from glancecli.auth.vendors import vendor

        return vendor(name)

    def _first(self, name: str, variable: str) -> _File:
        """Returns the first file that can be read; the file that the variable names comes first."""
        named = self._environ.get(variable)
        if named:
            file = _read(Path(named))
            if file is not None:
                return file
        return self._first_in(self._candidates(name))

    def _candidates(self, name: str) -> Iterator[Path]:
        for folder in folders(self._environ):
            for ending in _ENDINGS:
                yield folder / (name + ending)

    def _first_in(self, paths: Iterable[Path]) -> _File:
        """Returns the first file that can be read and may be trusted."""
        for path in paths:
            file = _read(path, check=path.parent == working_folder(), warn=self._warn)
            if file is not None:
                return file
        return _NO_FILE


def _read(
    path: Path, *, check: bool = False, warn: Callable[[str], None] | None = None
) -> _File | None:
    """Returns a file, parsed; None when it does not exist or may not be read.

    The sandbox's, and one that is found in the working folder, must be trusted (check); warn tells
    when it is not.
    """
    try:
        with path.open(encoding="utf-8") as file:
            distrust = ""
            if check:
                from glancecli.auth.file_trust import reason_for_distrust

                distrust = reason_for_distrust(path, file.fileno())
            if distrust and warn is not None:
                warn(f"{path} is ignored: {distrust}")
            if distrust:
                return None
            text = file.read()
    except OSError:
        return None
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        raise SettingsError(
            f"{path} is not UTF-8 text ({_position(before)}).", hint="Save it as UTF-8."
        ) from None
    parse = _parse_yaml
    if path.suffix == ".json":
        parse = _parse_json
    try:
        content = parse(text, path)
    except RecursionError:
        raise SettingsError(f"{path} has too many brackets within brackets.") from None
    return _File(str(path), as_mapping(content, str(path)))


def _parse_json(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = _position(text[: error.pos])
        raise SettingsError(f"{path} is not valid JSON ({where}).", hint=JSON_HINT) from None


def _parse_yaml(text: str, path: Path) -> Any:
    """Parses YAML, without PyYAML where the text is simple or is JSON (which is valid YAML)."""
    from glancecli.auth import plainyaml

    content = plainyaml.read(text)
    if content is not None:
        return content
    body = _without_comment_lines(text)
    if body.startswith("{"):
        with contextlib.suppress(ValueError):
            return json.loads(body)
    return _parse_by_pyyaml(text, path)


def _without_comment_lines(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))


def _parse_by_pyyaml(text: str, path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 (both are safe loaders)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = ""
        if mark:
            where = f" (line {mark.line + 1}, column {mark.column + 1})"
        raise SettingsError(f"{path} is not valid YAML{where}.", hint=YAML_HINT) from None
    except yaml.YAMLError:
        where = _position(yaml.reader.Reader.NON_PRINTABLE.split(text, 1)[0])
        raise SettingsError(
            f"{path} is not valid YAML: it has a control character ({where}).",
            hint="Delete this character.",
        ) from None


def _position(before: str) -> str:
    """Returns the position behind this part of a text, for a message."""
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return f"line {line}, column {column}"


def _overlay(below: Config, above: Config) -> Config:
    """Returns two mappings merged at every level; above overrides below."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _overlay(old, value)
        else:
            merged[key] = value
    return merged


def _overlay_any(below: Any, above: Any) -> Any:
    """Returns two entries merged; what is no mapping is left out."""
    if not isinstance(below, dict):
        return above
    if not isinstance(above, dict):
        return below
    return _overlay(below, above)


def _address(entry: Any) -> str:
    """Returns where the cloud of an entry is: its auth_url, or the profile that has it."""
    if not isinstance(entry, dict):
        return ""
    auth = entry.get("auth")
    if isinstance(auth, dict) and auth.get("auth_url"):
        return str(auth["auth_url"]).rstrip("/")
    found = entry.get("auth_url") or entry.get("profile") or entry.get("cloud") or ""
    return str(found).rstrip("/")
