"""Makes `.venv` hold exactly what requirements.lock pins. Needs nothing but Python 3.11: `python3.11 <this file>`.

Runs before anything is installed, so it imports the standard library only. A marker in `.venv` keeps the lock's hash:
nothing is done while that is the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
MARKER = ENVIRONMENT / "installed-lock.sha256"
UV = "uv==0.13.9"
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
INSTALL = [*PIP, "install", "--quiet", "--quiet"]
SYNC = [str(ENVIRONMENT / "bin" / "uv"), "pip", "sync", "--quiet", "--compile-bytecode", "--python", str(PYTHON)]


def main() -> int:
    """Exit code 0 when the environment is as the lock says, else 1 with what to do."""
    if sys.version_info[:2] != (3, 11):
        print(f"Python 3.11 is needed; this is {sys.version.split()[0]}. `make PYTHON=/path/to/python3.11 …`")
        return 1
    wanted = fingerprint()
    if PYTHON.exists() and MARKER.exists() and MARKER.read_text() == wanted:
        return 0
    print("Installing the locked packages into .venv (about 1 GB; once, then again only when the lock changes) …")
    try:
        install()
    except subprocess.CalledProcessError as error:
        print(
            f"Installing failed at: {' '.join(map(str, error.cmd))}\n"
            "The packages come from your pip index (PIP_INDEX_URL / UV_INDEX_URL name another one): is it reachable?"
        )
        return 1
    MARKER.write_text(wanted)
    return 0


def fingerprint() -> str:
    """The hash of all that decides what is installed: the lock, the project's metadata, the interpreter."""
    parts = [(PROJECT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode(), UV.encode(), str(PROJECT).encode()])).hexdigest()


def install() -> None:
    """Create the environment if it is missing or broken, then make it what the lock says: with uv, else with pip."""
    if not works():
        create()
    MARKER.unlink(missing_ok=True)
    try:
        run([*INSTALL, UV])
        run([*SYNC, "--require-hashes", "requirements.lock"], **what_pip_knows())
    except subprocess.CalledProcessError:
        print("uv could not install them; pip tries, which takes some minutes …")
        # pip removes nothing, so only a new environment has exactly the locked packages.
        create()
        # Without looking at dependencies: pip takes `sqlalchemy[asyncio]` for another package than the locked one.
        run([*INSTALL, "--no-deps", "--require-hashes", "--requirement", "requirements.lock"])
    # The lock has what builds the project, so nothing else is fetched for it.
    run([*INSTALL, "--no-deps", "--no-build-isolation", "--editable", "."])


def create() -> None:
    """A new environment with nothing but pip."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(ENVIRONMENT)])


def what_pip_knows() -> dict[str, str]:
    """pip's index, find-links and certificates as uv's variables (it reads no pip.conf), where those are not set."""
    done = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False)
    known: dict[str, str] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        # A variable comes as `:env:.cert='…'`, a file's entry as `global.cert='…'`; variables come first.
        known.setdefault(name.rpartition(".")[2], value.strip("'\""))
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found = {name: known[key] for key, name in names.items() if key in known and name not in os.environ}
    # Like pip, any index will do: the lock's hashes say which file it must be.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **found}


def works() -> bool:
    """Whether the environment's interpreter and its pip run (a copied or half-made environment's do not)."""
    try:
        done = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def run(command: list[str], **environment: str) -> None:
    """One step, with its output shown."""
    # uv would warn that the cache and the project are on different disks; copying is then what is wanted.
    subprocess.run(command, cwd=PROJECT, check=True, env={**os.environ, "UV_LINK_MODE": "copy", **environment})


if __name__ == "__main__":
    sys.exit(main())
