"""Trace files on the disk: made so that nothing is lost or given away, and opened."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

from asgitrace.errors import TraceFileError
from asgitrace.export.jsonl import JsonLinesWriter
from asgitrace.export.lines import LINE_LIMIT
from asgitrace.export.load import TraceReader

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def default_name(now: datetime) -> str:
    """The name of a trace saved at ``now``, in the user's own time. Nothing from the network is in
    it."""
    return f"asgitrace-{now:%Y%m%d-%H%M%S}.jsonl"


class TraceFileWriter(JsonLinesWriter):
    """Writes a trace to a file of its own; made by ``create_trace``.

    As a context manager it keeps the file if all went well and discards it if not.
    """

    def __init__(
        self,
        out: BinaryIO,
        path: Path,
        unfinished: Path | None,
        *,
        created: datetime,
        flush_each: bool,
        removable: bool = True,
    ) -> None:
        self._file = out
        self._removable = removable
        self.path = path
        """The file as it will be called."""
        self._unfinished = unfinished
        try:
            super().__init__(out, created=created, name=display(path), flush_each=flush_each)
        except TraceFileError:
            self.discard()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def close(self) -> None:
        """Finish the file; with ``overwrite`` only now it takes the place of the old one.

        After a failure a new file stays as far as it was written, and an old one as it was.
        """
        if self._file.closed:
            return
        if self.failure is not None:
            self._drop()
            return
        try:
            self._file.flush()
            if self._unfinished is not None:
                # Else a power failure could leave neither the old file nor the new one.
                os.fsync(self._file.fileno())
            self._file.close()
            if self._unfinished is not None:
                os.replace(self._unfinished, self.path)
        except OSError as error:
            self._drop()
            self.fail(error)

    def discard(self) -> None:
        """Remove what was written; an old file stays as it was."""
        if not self._file.closed:
            self._drop()
            if self._removable:
                with contextlib.suppress(OSError):
                    os.unlink(self._unfinished or self.path)

    def _drop(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        if self._unfinished is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._unfinished)


def create_trace(
    path: Path, *, created: datetime, overwrite: bool = False, flush_each: bool = False
) -> TraceFileWriter:
    """Make a trace file with mode 0600.

    Raises TraceFileError, also where there is a file already: unless told to ``overwrite`` it,
    which happens when the new one is complete. A device is written to as it is.
    """
    unfinished: Path | None = None
    removable = not _is_device(path)
    try:
        if not removable:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        elif overwrite and path.exists():
            path = path.resolve()
            if not path.is_file():
                raise TraceFileError(f"{display(path)} is not a file; choose another name.")
            descriptor, name = tempfile.mkstemp(".new", ".asgitrace-", path.parent)
            unfinished = Path(name)
        else:
            descriptor = os.open(path, _NEW, 0o600)
    except (OSError, ValueError) as error:
        raise TraceFileError(f"{display(path)} cannot be made: {_why(error, path)}.") from error
    return TraceFileWriter(
        os.fdopen(descriptor, "wb"),
        path,
        unfinished,
        created=created,
        flush_each=flush_each,
        removable=removable,
    )


def write_new(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file that was not there, with mode 0600. Raises TraceFileError, also where there is
    one of that name; what could not be written whole is removed."""
    try:
        descriptor = os.open(path, _NEW, 0o600)
    except (OSError, ValueError) as error:
        raise TraceFileError(f"{display(path)} cannot be made: {_why(error, path)}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(parts)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(path)
        why = error.strerror or str(error)
        raise TraceFileError(f"{display(path)} cannot be written: {why}.") from error


def _is_device(path: Path) -> bool:
    """Whether a path is a device, like /dev/null."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode)


def open_trace(path: Path, *, line_limit: int = LINE_LIMIT, end: int | None = None) -> TraceReader:
    """Open a trace file and read its first line; raises TraceFileError. It may be a pipe; see
    TraceReader for ``end``."""
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise TraceFileError(f"{display(path)} cannot be opened: {_why(error, path)}.") from error
    found = os.fstat(file.fileno())
    total = found.st_size if stat.S_ISREG(found.st_mode) else None
    try:
        return TraceReader(file, display(path), total=total, line_limit=line_limit, end=end)
    except TraceFileError:
        file.close()
        raise


def display(path: Path) -> str:
    """A path fit for a sentence on the screen."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


def _why(error: OSError | ValueError, path: Path) -> str:
    match error:
        case FileExistsError():
            what = "a folder" if path.is_dir() else "a file"
            return f"there is {what} of that name already; choose another name"
        case FileNotFoundError() if not path.parent.is_dir():
            return f"there is no folder {display(path.parent)}"
        case FileNotFoundError():
            return "there is no such file"
        case IsADirectoryError():
            return "it is a folder"
        case PermissionError():
            return "you have no permission to do that there"
        case OSError():
            return error.strerror or str(error)
    return "that is no name for a file"
