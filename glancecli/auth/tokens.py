"""What a login brought, kept on disk between commands: token, catalog, and facts about the
services.

One file per identity, in $XDG_CACHE_HOME/glancecli (else ~/.cache/glancecli): folder 0700, files
0600, written beside and renamed. A file is named by an HMAC of the identity, its secrets included,
under a random key of this user, so that passwords cannot be tried against the names. Whatever is
unreadable, owned by somebody else, open to others, a link, or damaged counts as absent, without a
word; so does a folder that cannot be made. What of it is ours is put right by the next save: a
folder that was open to others is made private and begun anew, as is a damaged key. Only files with
names of our own form are ever removed. The cache saves time and is never needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.errors import GlanceError
from glancecli.private_files import PrivateFolder, is_temporary

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 8 << 20  # bytes of a cache file; anything larger is not ours
_KEPT = 7 * 86400  # seconds after which a file that nobody wrote to is thrown away
_KEY_FILE = "key"
_KEY_SIZE = 32  # bytes


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where the cache lives: $XDG_CACHE_HOME/glancecli, else ~/.cache/glancecli."""
    if environ is None:
        environ = os.environ
    root = environ.get("XDG_CACHE_HOME", "")
    if root.startswith("/"):
        return Path(root, "glancecli")
    home = environ.get("HOME") or Path.home()
    return Path(home, ".cache", "glancecli")


class TokenCache:
    """The cached login of one identity.

    who is a text that differs whenever user, project, cloud or secret differ.
    """

    def __init__(self, who: str, folder: Path) -> None:
        self._path = folder
        self._who = who

    def load(self) -> dict[str, Any]:
        """What was saved last, or {}."""
        with contextlib.suppress(OSError, ValueError), PrivateFolder(self._path) as folder:
            return self._load(folder)
        return {}

    def save(self, login: Mapping[str, Any]) -> None:
        """Keep the login; where that is not possible nothing happens."""
        with contextlib.suppress(OSError), PrivateFolder(self._path, make=True) as folder:
            if folder.is_open_to_others:
                folder.make_private()
                _empty(folder)  # others may have moved its files about
            key = _read_key(folder) or _make_key(folder)
            content = json.dumps(login, separators=(",", ":"))
            folder.write(self._name(key), content.encode())

    def tidy(self) -> None:
        """Remove the files of identities that have not been used for a week, and unfinished files.

        Files with other names than ours, and a folder that is not ours, are left alone.
        """
        with contextlib.suppress(OSError), PrivateFolder(self._path) as folder:
            for name in folder.names():
                if _is_login(name) or is_temporary(name):
                    _remove_old(folder, name)

    def _load(self, folder: PrivateFolder) -> dict[str, Any]:
        if folder.is_open_to_others:
            return {}
        key = _read_key(folder)
        if key is None:
            return {}
        content = folder.read(self._name(key), _LARGEST)
        if content is None:
            return {}
        login = json.loads(content)
        if not isinstance(login, dict):
            return {}
        return login

    def _name(self, key: bytes) -> str:
        """The name of the identity's file."""
        return hmac.new(key, self._who.encode(), hashlib.sha256).hexdigest() + ".json"


def forget(environ: Mapping[str, str] | None = None) -> int:
    """Throw away all tokens of all identities and the key; returns how many identities there were.

    Raises GlanceError when something stays.
    """
    path = cache_folder(environ)
    try:
        with PrivateFolder(path) as folder:
            count = _empty(folder)
            foreign = folder.names()
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _not_emptied(path, error.strerror) from error
    if foreign:
        raise _not_emptied(path, f"it also holds {', '.join(sorted(foreign))}")
    return count


def _not_emptied(folder: Path, why: str | None) -> GlanceError:
    return GlanceError(f"{folder} was not emptied: {why}", hint="Remove it yourself.")


def _is_login(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}\.json", name) is not None


def _empty(folder: PrivateFolder) -> int:
    """Remove all files of the cache; how many identities that were."""
    count = 0
    for name in folder.names():
        if _is_login(name):
            count += folder.remove(name)
        elif name == _KEY_FILE or is_temporary(name):
            folder.remove(name)
    return count


def _remove_old(folder: PrivateFolder, name: str) -> None:
    """Remove a file that nobody has written to for a week."""
    with contextlib.suppress(OSError):
        if time.time() - folder.modified(name) > _KEPT:
            folder.remove(name)


def _read_key(folder: PrivateFolder) -> bytes | None:
    """The user's key, or None when there is none that is any good."""
    key = folder.read(_KEY_FILE, _KEY_SIZE)
    if key is None or len(key) != _KEY_SIZE:
        return None
    return key


def _make_key(folder: PrivateFolder) -> bytes:
    """A new key, or the one that another process has made at the same time.

    Raises OSError when there is neither.
    """
    for _ in range(2):
        folder.create(_KEY_FILE, os.urandom(_KEY_SIZE))
        key = _read_key(folder)
        if key is not None:
            return key
        folder.remove(_KEY_FILE)
    raise FileExistsError("no usable key in the cache folder")
