"""The files that name clouds: clouds.yaml, secure.yaml, clouds-public.yaml, and the sandbox's own.

Which file is read follows openstacksdk (``openstack.config.loader``): the first that exists and can
be opened, of NAME.yaml, NAME.yml and NAME.json in the working folder, the user's and the site's.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.auth import plainyaml
from glancecli.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glancecli.auth.layers import Config


def folders(environ: Mapping[str, str]) -> list[Path]:
    """The folders that are searched, best first: working folder, the user's, the site's,
    /etc/openstack.
    """
    unix = Path(environ.get("SNAP_REAL_HOME") or _home(environ), ".config")
    site = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    user = environ.get("XDG_CONFIG_HOME", "").strip() or _home(environ) / ".config"
    roots = [user, unix, *filter(None, site.split(":")), "/etc"]
    return list(dict.fromkeys([Path.cwd(), *(Path(root, "openstack") for root in roots)]))


def sandbox_file(environ: Mapping[str, str]) -> Path:
    """Where the sandbox keeps its clouds.yaml."""
    from glancecli.sandbox import clouds_file

    return Path(clouds_file(environ))


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


class CloudFiles:
    """The clouds that the files know.

    path is the clouds file that was read, or ""; clouds maps a name to its entry, with secure.yaml
    laid over it. Raises AuthError when a file that counts is no valid clouds file.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.path, found = self._first("clouds", "OS_CLIENT_CONFIG_FILE")
        secure_path, secure = self._first("secure", "OS_CLIENT_SECURE_FILE")
        merged = _overlay(_mapping(found, self.path), _mapping(secure, secure_path))
        self.clouds: Config = _mapping(merged.get("clouds"), self.path)

    def sandbox(self) -> Config:
        """The sandbox's clouds by name; none when it was never started."""
        path = sandbox_file(self._environ)
        return _mapping(_mapping(_read(path), path).get("clouds"), path)

    def profile(self, name: str) -> Config:
        """What is known of a provider: an entry of clouds-public.yaml, else one of our own table.

        Raises AuthError when nobody knows the provider, or it is gone.
        """
        path, found = self._first("clouds-public", "OS_CLIENT_VENDOR_FILE")
        public = _mapping(_mapping(found, path).get("public-clouds"), path)
        if name in public:
            return _mapping(public[name], path)
        from glancecli.auth.vendors import vendor

        return vendor(name)

    def _first(self, name: str, variable: str) -> tuple[str, Any]:
        """Path and content of the first file that can be read; the variable's file comes before
        all.
        """
        named = self._environ.get(variable)
        paths = [Path(named)] if named else []
        paths += [
            at / (name + end) for at in folders(self._environ) for end in (".yaml", ".yml", ".json")
        ]
        for path in paths:
            content = _read(path)
            if content is not _ABSENT:
                return str(path), content
        return "", None


_ABSENT = object()


def _read(path: Path) -> Any:
    """What the file holds, parsed; _ABSENT when there is none or it may not be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return _ABSENT
    except ValueError as error:
        raise AuthError(f"{path} is not UTF-8 text: {error}") from error
    if path.suffix == ".json":
        return _parse_json(text, path)
    return _parse_yaml(text, path)


def _parse_json(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise AuthError(f"{path} is not valid JSON: {error}") from error


def _parse_yaml(text: str, path: Path) -> Any:
    """YAML, without PyYAML where the text is plain, or is JSON (which YAML contains)."""
    plain = plainyaml.read(text)
    if plain is not None:
        return plain
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    if body.startswith("{"):
        with contextlib.suppress(ValueError):
            return json.loads(body)
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 (both are safe loaders)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise AuthError(f"{path} is not valid YAML: {where}{error.problem}") from error
    except yaml.YAMLError as error:
        raise AuthError(f"{path} is not valid YAML: {error}") from error


def _mapping(value: Any, path: str | Path) -> Config:
    if not value or value is _ABSENT:
        return {}
    if not isinstance(value, dict):
        raise AuthError(
            f"{path} is no clouds file: a mapping was expected, not {type(value).__name__}."
        )
    return value


def _overlay(below: Config, above: Config) -> Config:
    """One mapping laid over below, mapping by mapping."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = (
            _overlay(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
        )
    return merged
