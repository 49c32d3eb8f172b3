import contextlib
import os
import socket
from pathlib import Path

import pytest

from asgitrace.errors import AddressError, OptionError
from asgitrace.server import ServerConfig, bind, describe, release


def test_a_free_port() -> None:
    with bind(ServerConfig(port=0)) as sock:
        port = sock.getsockname()[1]

        assert describe(sock, tls=False) == f"http://127.0.0.1:{port}"
        assert describe(sock, tls=True) == f"https://127.0.0.1:{port}"


def test_ipv6() -> None:
    with contextlib.ExitStack() as stack:
        try:
            sock = stack.enter_context(bind(ServerConfig(host="::1", port=0)))
        except AddressError:
            pytest.skip("no IPv6 here")

        assert describe(sock, tls=False) == f"http://[::1]:{sock.getsockname()[1]}"


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(
            AddressError, match=rf"^127\.0\.0\.1:{port} is already in use; .*--port"
        ):
            bind(ServerConfig(port=port))


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("192.0.2.1", 0, "is not an address of this machine"),
        ("no..such.host", 0, "cannot be resolved"),
        ("127.0.0.1", 70000, "70000 is not an address"),
    ],
)
def test_no_such_address(host: str, port: int, message: str) -> None:
    with pytest.raises(AddressError, match=message):
        bind(ServerConfig(host=host, port=port))


def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    sock = bind(ServerConfig(uds=str(path)))

    assert describe(sock, tls=False) == f"unix:{path}"

    release(sock)
    assert not path.exists()


def test_release_of_a_tcp_socket() -> None:
    sock = bind(ServerConfig(port=0))

    release(sock)

    assert sock.fileno() == -1


def test_release_when_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    sock = bind(ServerConfig(uds=str(path)))
    path.unlink()

    release(sock)

    assert sock.fileno() == -1


def test_a_stale_socket_file_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    bind(ServerConfig(uds=path)).close()

    release(bind(ServerConfig(uds=path)))


def test_a_unix_socket_in_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()

        with pytest.raises(AddressError, match="already in use"):
            bind(ServerConfig(uds=str(path)))

        assert path.exists()


def test_another_kind_of_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("mine")

    with pytest.raises(AddressError, match="not a socket"):
        bind(ServerConfig(uds=str(path)))

    assert path.read_text() == "mine"


def test_a_unix_socket_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(path))

        with pytest.raises(AddressError, match="cannot be probed"):
            bind(ServerConfig(uds=str(path)))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AddressError, match="cannot be created"):
        bind(ServerConfig(uds=str(tmp_path / "no" / "s")))


def test_an_inherited_tcp_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        sock = bind(ServerConfig(fd=os.dup(theirs.fileno())))

        assert sock.getsockname() == theirs.getsockname()
        assert describe(sock, tls=False).startswith("http://127.0.0.1:")
        release(sock, inherited=True)


def test_an_inherited_unix_socket_keeps_its_file(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(path))
        sock = bind(ServerConfig(fd=os.dup(theirs.fileno())))
        assert describe(sock, tls=False) == f"unix:{path}"
        release(sock, inherited=True)
    assert path.exists()


def test_an_fd_that_is_not_open() -> None:
    with open(os.devnull) as file:
        fd = file.fileno()
    with pytest.raises(AddressError, match=f"^file descriptor {fd} is not open; .*--fd"):
        bind(ServerConfig(fd=fd))


def test_an_fd_that_is_no_socket() -> None:
    with (
        open(os.devnull) as file,
        pytest.raises(AddressError, match=r"is not a socket; pass another --fd\.$"),
    ):
        bind(ServerConfig(fd=file.fileno()))


@pytest.mark.parametrize(
    ("family", "kind", "message"),
    [
        (socket.AF_INET, socket.SOCK_DGRAM, "is not a TCP or Unix stream socket"),
        (socket.AF_INET, socket.SOCK_STREAM, "is not bound"),
        (socket.AF_UNIX, socket.SOCK_STREAM, "is not bound"),
    ],
)
def test_an_fd_nobody_can_be_let_in_by(
    family: socket.AddressFamily, kind: socket.SocketKind, message: str
) -> None:
    with socket.socket(family, kind) as sock:
        with pytest.raises(AddressError, match=message):
            bind(ServerConfig(fd=sock.fileno()))
        assert sock.getsockname() is not None, "it was left open"


def test_an_fd_of_a_connection() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(AddressError, match="is a connection, not a socket to"):
        bind(ServerConfig(fd=ours.fileno()))


def test_fd_or_uds() -> None:
    with pytest.raises(OptionError, match=r"^--fd and --uds exclude each other"):
        bind(ServerConfig(fd=3, uds="/tmp/s"))
