"""Caches logins on disk between commands: token, catalog, and facts about the services.

There is one file per identity in $XDG_CACHE_HOME/glancecli (else ~/.cache/glancecli), and one with
names for completion in shells (``auth.image_names``): folder 0700, files 0600. The name of a file
is an HMAC of the identity with its secrets, under a random key of this user, so that passwords
cannot be guessed from the names.

Files that cannot be read, belong to another user, are open to others, are links, or are damaged
are ignored silently; so is a folder that cannot be created. The next save repairs what is ours: it
makes a folder private that was open to others, empties it, and replaces a damaged key. Only files
with names of our own form are ever removed. The cache saves time; nothing depends on it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.errors import Code, GlanceError
from glancecli.private_files import PrivateFolder, is_temporary
from glancecli.sandbox.paths import user_home

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 8 << 20  # bytes of a cache file; anything larger is not ours
_KEPT = 7 * 86400  # seconds after which an unused file is removed
_KEY_FILE = "key"
_KEY_SIZE = 32  # bytes

# The endings of files: of logins, and of names for the completion in shells.
LOGIN, NAMES = "json", "names"


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Returns the folder of the cache: $XDG_CACHE_HOME/glancecli, else ~/.cache/glancecli."""
    if environ is None:
        environ = os.environ
    root = environ.get("XDG_CACHE_HOME", "")
    if root.startswith("/"):
        return Path(root, "glancecli")
    return Path(user_home(environ), ".cache", "glancecli")


class TokenCache:
    """The cached login of one identity, or what else is kept for it (ending: LOGIN or NAMES).

    who is a text that is different for another user, project, cloud or secret.
    """

    def __init__(self, who: str, folder: Path, ending: str = LOGIN) -> None:
        self._path = folder
        self._who = who
        self._ending = ending

    def load(self) -> dict[str, Any]:
        """Returns what was saved last, or {}."""
        damaged = (ValueError, RecursionError)  # the latter: nested too deeply
        with contextlib.suppress(OSError, *damaged), PrivateFolder(self._path) as folder:
            return self._load(folder)
        return {}

    def save(self, login: Mapping[str, Any]) -> None:
        """Saves the login; does nothing where that is not possible."""
        with contextlib.suppress(OSError), PrivateFolder(self._path, make=True) as folder:
            if folder.is_open_to_others:
                folder.make_private()
                _empty(folder)  # others may have moved its files
            key = _read_key(folder) or _make_key(folder)
            content = json.dumps(login, separators=(",", ":"))
            folder.write(self._name(key), content.encode())

    def remove(self) -> None:
        """Removes what was saved last; does nothing where that is not possible."""
        with contextlib.suppress(OSError), PrivateFolder(self._path) as folder:
            key = _read_key(folder)
            if key is not None:
                folder.remove(self._name(key))

    def tidy(self) -> None:
        """Removes files of identities that were not used for a week, and unfinished files.

        Other files, and a folder that is not ours, are left alone.
        """
        with contextlib.suppress(OSError), PrivateFolder(self._path) as folder:
            for name in folder.names():
                if _is_ours(name) or is_temporary(name):
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
        """Returns the name of the identity's file."""
        digest = hmac.new(key, self._who.encode(), hashlib.sha256)
        return f"{digest.hexdigest()}.{self._ending}"


def forget(environ: Mapping[str, str] | None = None) -> int:
    """Removes the tokens of all identities and the key; returns the number of identities.

    Raises GlanceError when something is left in the folder.
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


def count_logins(path: Path) -> int:
    """Returns how many logins the folder holds.

    Raises OSError when it cannot be used: PermissionError where it is open to others.
    """
    with PrivateFolder(path) as folder:
        if folder.is_open_to_others:
            raise PermissionError(errno.EACCES, "other users have permissions on it")
        return sum(_is_ours(name, LOGIN) for name in folder.names())


def _not_emptied(folder: Path, why: str | None) -> GlanceError:
    return GlanceError(
        f"{folder} was not emptied: {why}", hint="Remove it yourself.", code=Code.FILE
    )


def _is_ours(name: str, ending: str = f"(?:{LOGIN}|{NAMES})") -> bool:
    """Whether a name is that of a file of an identity."""
    return re.fullmatch(rf"[0-9a-f]{{64}}\.{ending}", name) is not None


def _empty(folder: PrivateFolder) -> int:
    """Removes all files of the cache; returns the number of identities."""
    count = 0
    for name in folder.names():
        if _is_ours(name, LOGIN):
            count += folder.remove(name)
        elif _is_ours(name) or name == _KEY_FILE or is_temporary(name):
            folder.remove(name)
    return count


def _remove_old(folder: PrivateFolder, name: str) -> None:
    """Removes a file that was not written to for a week."""
    with contextlib.suppress(OSError):
        if time.time() - folder.modified(name) > _KEPT:
            folder.remove(name)


def _read_key(folder: PrivateFolder) -> bytes | None:
    """Returns the user's key, None when it is missing or invalid."""
    key = folder.read(_KEY_FILE, _KEY_SIZE)
    if key is None or len(key) != _KEY_SIZE:
        return None
    return key


def _make_key(folder: PrivateFolder) -> bytes:
    """Creates a key and returns it, or returns the one that another process has just created.

    Raises OSError when neither is possible.
    """
    for _ in range(2):
        folder.create(_KEY_FILE, os.urandom(_KEY_SIZE))
        key = _read_key(folder)
        if key is not None:
            return key
        folder.remove(_KEY_FILE)
    raise FileExistsError("no usable key in the cache folder")
