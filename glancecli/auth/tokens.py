"""What a login brought, kept on disk between commands: token, catalog, and facts about the
services.

One file per identity, in $XDG_CACHE_HOME/glancecli (else ~/.cache/glancecli): folder 0700, files
0600, written beside and renamed. A file is named by an HMAC of the identity, its secrets included,
under a random key of this user, so that passwords cannot be tried against the names. Whatever is
unreadable, owned by somebody else, open to others, a link, or damaged counts as absent, without a
word; so does a folder that cannot be made. What of it is ours is put right by the next save: a
folder that was open to others is made private and begun anew, as is a damaged key. The cache saves
time and is never needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glancecli.errors import GlanceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 8 << 20  # bytes of a cache file; anything larger is not ours
_KEPT = 7 * 86400  # seconds after which a file that nobody wrote to is thrown away


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where the cache lives: $XDG_CACHE_HOME/glancecli, else ~/.cache/glancecli."""
    environ = os.environ if environ is None else environ
    root = environ.get("XDG_CACHE_HOME", "")
    home = Path(environ.get("HOME") or Path.home())
    return (Path(root) if root.startswith("/") else home / ".cache") / "glancecli"


class TokenCache:
    """The record of one identity.

    who is a text that differs whenever user, project, cloud or secret differ.
    """

    def __init__(self, who: str, folder: Path) -> None:
        self._folder = folder
        self._who = who

    def load(self) -> dict[str, Any]:
        """What was saved last, or {}."""
        path = self._path(make=False)
        text = _read_private(path) if path else None
        if text is None:
            return {}
        try:
            record = json.loads(text)
        except ValueError:
            return {}
        return record if isinstance(record, dict) else {}

    def save(self, record: Mapping[str, Any]) -> None:
        """Keep the record; where that is not possible nothing happens."""
        path = self._path(make=True)
        if path:
            _write_private(path, json.dumps(record, separators=(",", ":")).encode())

    def tidy(self) -> None:
        """Throw away the files of identities that have not been used for a week, and what a crash
        left.
        """
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.name != "key" and time.time() - path.lstat().st_mtime > _KEPT:
                    path.unlink()

    def _path(self, *, make: bool) -> Path | None:
        """The identity's file; None when the folder or its key cannot be trusted, or is not there."""
        if make:
            with contextlib.suppress(OSError):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _make_private(self._folder)
        if not _is_private_folder(self._folder):
            return None
        key = _key(self._folder / "key", make=make)
        if key is None:
            return None
        return self._folder / (
            hmac.new(key, self._who.encode(), hashlib.sha256).hexdigest() + ".json"
        )


def forget(environ: Mapping[str, str] | None = None) -> int:
    """Throw away all tokens of all identities and the key; returns how many identities there were.

    Raises GlanceError when something stays.
    """
    folder = cache_folder(environ)
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _kept(folder, error.strerror) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise _kept(
            folder, "it is a folder of somebody else's, a link or a file, and is not used either"
        )
    try:
        return _emptied(folder)
    except OSError as error:
        raise _kept(folder, error.strerror) from error


def _kept(folder: Path, why: str | None) -> GlanceError:
    return GlanceError(f"{folder} was not emptied: {why}", hint="Remove it yourself.")


def _emptied(folder: Path) -> int:
    """Remove all files of the folder; how many identities that were."""
    count = 0
    for path in list(folder.iterdir()):
        with contextlib.suppress(FileNotFoundError):  # another command was faster
            path.unlink()
            count += path.suffix == ".json"
    return count


def _make_private(folder: Path) -> None:
    """Close a folder of ours that is open to others, and empty it: they may have moved its files
    about.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if status.st_uid == os.geteuid() and status.st_mode & 0o077:
            os.fchmod(handle, 0o700)
            _emptied(folder)
    finally:
        os.close(handle)


def _is_private_folder(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _is_private(status)


def _is_private(status: os.stat_result) -> bool:
    """Ours alone."""
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _read_private(path: Path) -> bytes | None:
    """The content of a regular file that is ours alone, else None."""
    try:
        # O_NONBLOCK: a FIFO in the file's place must not hold us up.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or not _is_private(status) or status.st_size > _LARGEST:
            return None
        try:
            return file.read()
        except OSError:
            return None


def _write_private(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in place in one step; a failure leaves what was there."""
    import tempfile

    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _key(path: Path, *, make: bool) -> bytes | None:
    """The user's key. make: a new one where there is none, or none that is any good."""
    key = _read_key(path)
    if key is None and make:
        key = _make_key(path)
    if key is None and make:
        with contextlib.suppress(OSError):
            path.unlink()
        key = _make_key(path)
    return key


def _read_key(path: Path) -> bytes | None:
    key = _read_private(path)
    return key if key and len(key) == 32 else None


def _make_key(path: Path) -> bytes | None:
    """A new key in its file, or the one that another process put there first."""
    import tempfile

    with contextlib.suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(os.urandom(32))
            # link() fails where the name is taken: the first of many processes wins, and all use
            # its key.
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    return _read_key(path)
