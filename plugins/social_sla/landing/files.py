"""The few file operations that the landing needs, on local disks and on object stores.

Every method is one step of the commit. Tests replace this class to fail at each of them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from social_sla.landing.model import PartitionBusyError


class Files:
    """Paths are relative to the landing's root, with `/`.

    Local: write under a temporary name, fsync, rename, fsync the folder. Object stores: an object appears whole when
    its upload ends or not at all, and has no rename that would be atomic; so it is uploaded under its final name, and
    the manifest (one small PUT) is the commit.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") if url.rstrip("/") else url
        filesystem, root = fsspec.core.url_to_fs(self.url)
        self.filesystem = filesystem
        self.root = str(root).rstrip("/")
        self.is_local = isinstance(filesystem, LocalFileSystem)

    def absolute(self, path: str) -> str:
        """The path as the file system knows it (no protocol)."""
        return f"{self.root}/{path}"

    def url_of(self, path: str) -> str:
        return f"{self.url}/{path}"

    def exists(self, path: str) -> bool:
        return bool(self.filesystem.exists(self.absolute(path)))

    def list(self, folder: str) -> list[str]:
        """All files under `folder`, at any depth, as relative paths; empty when there is no such folder."""
        self.filesystem.invalidate_cache()
        try:
            found = self.filesystem.find(self.absolute(folder))
        except FileNotFoundError:
            return []
        # Some file systems drop or add the leading slash of the root: cut at the folder's own name.
        prefix = self.root.lstrip("/") + "/"
        return sorted(str(path).lstrip("/").removeprefix(prefix) for path in found)

    def read(self, path: str) -> bytes:
        return bytes(self.filesystem.cat_file(self.absolute(path)))

    def open_read(self, path: str) -> IO[bytes]:
        opened: IO[bytes] = self.filesystem.open(self.absolute(path), "rb")
        return opened

    def size(self, path: str) -> int:
        return int(self.filesystem.size(self.absolute(path)))

    def remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self.filesystem.rm_file(self.absolute(path))

    def staging_name(self, path: str) -> str:
        """The name to write under before `publish(…, path)`."""
        if not self.is_local:
            return path
        folder, _, name = path.rpartition("/")
        return f"{folder}/.tmp-{name}"

    def open_write(self, path: str) -> IO[Any]:
        """Creates the folder and opens `path`; the caller writes and then calls `finish`."""
        absolute = self.absolute(path)
        if self.is_local:
            Path(absolute).parent.mkdir(parents=True, exist_ok=True)
            return Path(absolute).open("wb")
        opened: IO[Any] = self.filesystem.open(absolute, "wb")
        return opened

    def finish(self, handle: IO[Any]) -> None:
        """Makes what was written durable and closes the handle."""
        if self.is_local:
            handle.flush()
            os.fsync(handle.fileno())
        handle.close()

    def abandon(self, handle: IO[Any], path: str) -> None:
        """After a failure: throws away what was written, as far as that is possible. Never raises."""
        with suppress(Exception):
            if not self.is_local and hasattr(handle, "discard"):
                handle.discard()
            else:
                handle.close()
        with suppress(Exception):
            self.remove(path)

    def publish(self, staged: str, path: str) -> None:
        """Gives a finished file its final name, in one step."""
        if staged == path:
            return
        target = Path(self.absolute(path))
        Path(self.absolute(staged)).replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def write_bytes(self, path: str, content: bytes) -> None:
        """A small file, whole or not at all."""
        if not self.is_local:
            self.filesystem.pipe_file(self.absolute(path), content)
            return
        staged = self.staging_name(path)
        handle = self.open_write(staged)
        try:
            handle.write(content)
            self.finish(handle)
        except BaseException:
            self.abandon(handle, staged)
            raise
        self.publish(staged, path)

    @contextmanager
    def lock(self, path: str) -> Iterator[None]:
        """One writer a partition, on local disks; the kernel frees it when the process dies. Elsewhere: nothing.

        Raises:
            PartitionBusyError: another process holds it.
        """
        if not self.is_local:
            yield
            return
        absolute = Path(self.absolute(path))
        absolute.parent.mkdir(parents=True, exist_ok=True)
        with absolute.open("ab") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise PartitionBusyError(
                    f"Another run is writing this partition now ({path}). Let it end, then run this one again: "
                    "it replaces the partition."
                ) from error
            yield
