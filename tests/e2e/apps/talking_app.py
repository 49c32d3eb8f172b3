"""An app that writes in all the ways there are, by path."""

import asyncio
import logging
import logging.config
import logging.handlers
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable

from asgitrace.asgi import Receive, Scope, Send

logging.config.dictConfig(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(levelname)s:     %(message)s"}},
        "handlers": {
            "err": {"class": "logging.StreamHandler", "formatter": "plain"},
            "out": {
                "class": "logging.StreamHandler",
                "formatter": "plain",
                "stream": "ext://sys.stdout",
            },
            "null": {"class": "logging.NullHandler"},
        },
        "loggers": {
            "shop": {"handlers": ["err"], "level": "DEBUG", "propagate": False},
            "shop.access": {"handlers": ["out"], "level": "INFO", "propagate": False},
            "silent": {"handlers": ["null"], "level": "INFO", "propagate": False},
        },
    }
)
shop = logging.getLogger("shop")
access = logging.getLogger("shop.access")
silent = logging.getLogger("silent")
queued = logging.getLogger("queued")
queued.propagate = False
_records: "queue.Queue[logging.LogRecord]" = queue.Queue()
queued.addHandler(logging.handlers.QueueHandler(_records))
listener = logging.handlers.QueueListener(_records, logging.StreamHandler())

print("imported")


def log() -> None:
    """Records, written by their handlers to either stream."""
    shop.debug("looked for %s", "tea")
    access.info("GET /log")
    shop.error("first\nsecond")
    try:
        raise KeyError("tea")
    except KeyError:
        shop.exception("no tea")


def unheard() -> None:
    """Records that no handler writes to a stream, or that none wants."""
    silent.warning("to nobody, %d", 1)
    silent.error("wrong %d", "text")
    logging.disable(logging.ERROR)
    silent.error("disabled")
    logging.disable(logging.NOTSET)
    logging.getLogger("lone").warning("last resort")


def through_queue() -> None:
    """A record that a thread writes that knows nothing of us."""
    listener.start()
    queued.warning("through a queue")
    listener.stop()


def threads() -> None:
    """Threads know no context but that of `asyncio.to_thread`."""
    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()


def direct() -> None:
    """What does not go through Python's streams."""
    print("before")
    os.write(1, b"written\n")
    print("after")
    subprocess.run(["sh", "-c", "echo subprocess; echo complaint >&2"], check=True)
    print("last")


def partly() -> None:
    """Lines in pieces, and bytes."""
    print("one", end="")
    sys.stdout.flush()
    print(" two")
    sys.stdout.buffer.write(b"bytes \xff\n")
    sys.stdout.write("a" * 9_000 + "\n")
    sys.stderr.writelines(["x\n", "y\n"])


def warn() -> None:
    """A warning, and a traceback that is printed."""
    warnings.warn("old", UserWarning, stacklevel=1)
    try:
        raise ValueError("no")
    except ValueError:
        traceback.print_exc()


def redirect() -> None:
    """Standard output goes elsewhere for a while."""
    own = os.dup(1)
    there, here = os.pipe()
    os.dup2(here, 1)
    print("elsewhere")
    os.dup2(own, 1)
    os.close(here)
    assert os.read(there, 100) == b"elsewhere\n"
    print("here again")


def fork() -> None:
    """A child that is a copy of this process."""
    child = multiprocessing.get_context("fork").Process(target=shop.warning, args=("forked",))
    with warnings.catch_warnings():
        # Newer Pythons warn of forks where there are threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        child.start()
    child.join()


def streams() -> None:
    """What an app may ask of its streams."""
    assert (sys.stdout.fileno(), sys.stderr.fileno()) == (1, 2)
    assert not sys.stdout.isatty()
    assert sys.stdout.writable()
    assert not sys.stdout.readable()
    assert (sys.stdout.name, sys.stdout.mode) == ("<stdout>", "w")
    assert sys.stderr.errors == "backslashreplace"
    sys.stdout.reconfigure(encoding="latin-1")  # type: ignore[union-attr]
    print("caf\xe9")
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]


def leave() -> None:
    """End without a word, but for those that were said."""
    print("last words")
    os._exit(7)


def kill() -> None:
    """End by force."""
    print("last words")
    os.kill(os.getpid(), signal.SIGKILL)


WAYS: dict[str, Callable[[], None]] = {
    f"/{way.__name__}": way
    for way in (
        log, unheard, through_queue, threads, direct, partly, warn, redirect, fork, streams, leave,
        kill,
    )
}  # fmt: skip


async def in_background() -> None:
    """After the response."""
    await asyncio.sleep(0)
    shop.warning("in the background")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        shop.info("starting")
        raise NotImplementedError
    path = scope["path"]
    if path == "/tasks":
        await asyncio.to_thread(print, "in another thread")
        await asyncio.gather(asyncio.create_task(in_background()))
    elif path != "/":
        WAYS[path]()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})
