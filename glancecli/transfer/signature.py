"""OpenPGP signatures of lists, verified by the system's gpgv. No cryptography of ours."""

from __future__ import annotations

import base64
import binascii
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from glancecli.errors import Code, GlanceError
from glancecli.text import system_reason

SECONDS = 60  # for gpgv
ARMOR = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----\s*?\n(?:[A-Za-z]+:[^\n]*\n)*\s*\n(?P<data>.*?)"
    r"-----END PGP PUBLIC KEY BLOCK-----",
    re.DOTALL,
)
STATUS = re.compile(r"^\[GNUPG:\] (?P<word>[A-Z_]+)(?: (?P<rest>.*))?$", re.MULTILINE)

# What gpgv reports about a signature that is not good (doc/DETAILS of GnuPG), the worst first.
FAULTS = {
    "BADSIG": "the signature does not fit the list",
    "REVKEYSIG": "the key of the signature has been revoked",
    "EXPKEYSIG": "the key of the signature has expired",
    "EXPSIG": "the signature has expired",
    "NO_PUBKEY": "the key of the signature is not in the keyring",
    "ERRSIG": "the signature cannot be verified",
    "NODATA": "it is not a signature",
}


def verify_signature(keyring: str, text: bytes, signature: bytes | None) -> bytes:
    """Returns the text that a key of the keyring has signed.

    signature is the one beside the text, None for one within it; then what stands outside the
    signed part is left out. Raises GlanceError for any signature but a valid one of a valid key.
    """
    if shutil.which("gpgv") is None:
        raise GlanceError(
            "--keyring needs the program gpgv, which is not installed",
            hint="Install the package gpgv (or gnupg2).",
            code=Code.UNSUPPORTED,
        )
    with tempfile.TemporaryDirectory(prefix="glancecli-") as folder:
        home = Path(folder)
        ring = home / "keyring.gpg"
        ring.write_bytes(_binary_keyring(keyring))
        signed, output = home / "signed", home / "output"
        signed.write_bytes(text)
        if signature is None:
            status = _run_gpgv(home, ring, "--output", str(output), str(signed))
        else:
            beside = home / "signature"
            beside.write_bytes(signature)
            status = _run_gpgv(home, ring, str(beside), str(signed))
        _check_status(status)
        if signature is None:
            return output.read_bytes()
        return text


def _run_gpgv(home: Path, ring: Path, *words: str) -> str:
    """Returns the status lines of gpgv, by which alone it is judged."""
    command = ["gpgv", "--homedir", str(home), "--keyring", str(ring), "--status-fd", "1", *words]
    environ = {"PATH": _path(), "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except OSError as error:
        raise GlanceError(f"cannot run gpgv: {system_reason(error)}") from error
    except subprocess.TimeoutExpired as error:
        raise GlanceError(f"gpgv did not finish within {SECONDS:g} seconds") from error
    return done.stdout.decode("utf-8", "replace")


def _path() -> str:
    import os

    return os.environ.get("PATH", os.defpath)


def _check_status(status: str) -> None:
    words = [found["word"] for found in STATUS.finditer(status)]
    is_good = "GOODSIG" in words and "VALIDSIG" in words
    if is_good and "BADSIG" not in words:
        return
    for word, fault in FAULTS.items():
        if word in words:
            raise GlanceError(fault, code=Code.WRONG_DATA)
    raise GlanceError("it has no signature", code=Code.WRONG_DATA)


def _binary_keyring(path: str) -> bytes:
    """Returns the keys in a file as gpgv reads them, which takes no armor."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise GlanceError(
            f"cannot read the keyring {path}: {system_reason(error)}", code=Code.FILE
        ) from error
    text = data.decode("latin-1").replace("\r\n", "\n")
    blocks = [found["data"] for found in ARMOR.finditer(text)]
    if not blocks:
        return data
    return b"".join(_without_armor(block, path) for block in blocks)


def _without_armor(block: str, path: str) -> bytes:
    lines = [line.strip() for line in block.splitlines()]
    encoded = "".join(line for line in lines if not line.startswith("="))
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise GlanceError(f"the keyring {path} is damaged", code=Code.FILE) from error
