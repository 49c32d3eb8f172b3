"""Options: their units, and what they become."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from asgitrace.cli.options import RunOptions, Seconds, Size, app_options
from asgitrace.errors import AsgitraceError, OptionError


def gathered(*arguments: str) -> RunOptions:
    """What a command with these arguments is given."""
    found: list[RunOptions] = []

    @click.command
    @click.argument("target")
    @app_options
    def command(target: str, options: RunOptions) -> None:
        found.append(options)

    result = CliRunner().invoke(command, ["main:app", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("65536", 65536),
        ("64k", 65536),
        ("64KiB", 65536),
        ("1MB", 2**20),
        ("2 g".replace(" ", ""), 2**31),
    ],
)
def test_sizes(text: str, value: int) -> None:
    assert Size().convert(text, None, None) == value


@pytest.mark.parametrize(
    ("text", "value"), [("30", 30.0), ("30s", 30.0), ("1.5m", 90.0), ("500ms", 0.5), ("1h", 3600.0)]
)
def test_times(text: str, value: float) -> None:
    assert Seconds().convert(text, None, None) == value


@pytest.mark.parametrize("text", ["", "k", "-1", "1.5k", "ten", "1t", "١"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a size"):
        Size().convert(text, None, None)


@pytest.mark.parametrize("text", ["", "s", "-1s", "nan", "inf", "ten"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a time"):
        Seconds().convert(text, None, None)


def test_the_defaults() -> None:
    options = gathered()
    assert options.spec.target == "main:app"
    assert options.spec.server.host == "127.0.0.1"
    assert options.spec.server.port == 8000
    assert options.spec.body_limit == 64 * 1024
    assert options.spec.buffer == 64 * 1024 * 1024
    assert options.spec.wire == "events"
    assert options.reload is False


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (("--port", "9000"), "port", 9000),
        (("--uds", "/tmp/x.sock"), "uds", "/tmp/x.sock"),
        (("--lifespan", "off"), "lifespan", "off"),
        (("--root-path", "/api"), "root_path", "/api"),
        (("--proxy-headers",), "proxy_headers", True),
        (("--ws-max-size", "1k"), "ws_max_size", 1024),
        (("--ws-ping-interval", "0"), "ws_ping_interval", None),
        (("--timeout-keep-alive", "2s"), "timeout_keep_alive", 2.0),
        (("--timeout-request-head", "500ms"), "timeout_request_head", 0.5),
        (("--timeout-request-head", "0"), "timeout_request_head", None),
        (("--timeout-request-body", "0"), "timeout_request_body", None),
        (("--fd", "3"), "fd", 3),
        (("--ssl-ca-certs", "ca.pem"), "ssl_ca_certs", "ca.pem"),
        (("--ssl-cert-reqs", "2"), "ssl_cert_reqs", 2),
        (("--ssl-ciphers", "HIGH"), "ssl_ciphers", "HIGH"),
        (("--timeout-graceful-shutdown", "1m"), "timeout_graceful_shutdown", 60.0),
    ],
)
def test_options_of_the_server(arguments: tuple[str, ...], name: str, value: Any) -> None:
    assert getattr(gathered(*arguments).spec.server, name) == value


@pytest.mark.parametrize("mode", ["off", "events", "bytes"])
def test_what_is_recorded_of_the_wire(mode: str) -> None:
    assert gathered("--wire", mode).spec.wire == mode


def test_a_folder_to_watch_means_reload() -> None:
    options = gathered("--reload-dir", "src", "--reload-dir", "lib")
    assert options.reload
    assert options.reload_dirs == ("src", "lib")


def test_without_one_the_apps_own_folder_is_watched() -> None:
    assert gathered("--reload", "--app-dir", "src").reload_dirs == ("src",)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--uds", "/tmp/s", "--port", "1"),
        ("--fd", "3", "--host", "::1"),
        ("--uds", "s", "--fd", "3"),
    ],
)
def test_there_is_one_place_to_listen(arguments: tuple[str, ...]) -> None:
    with pytest.raises(OptionError, match="exclude each other; pass one of them"):
        gathered(*arguments)


def test_memory_and_filter() -> None:
    found = gathered("--memory", "64k", "--filter", "status=500")
    assert found.memory == 65536
    assert found.filter is not None
    assert found.filter.text == "status=500"
    assert (gathered().memory, gathered().filter) == (2**28, None)


@pytest.mark.parametrize("arguments", [("--buffer", "1"), ("--buffer", "100G"), ("--uds", "")])
def test_values_that_cannot_be_used(arguments: tuple[str, ...]) -> None:
    with pytest.raises(AsgitraceError):
        gathered(*arguments)


def test_sampling() -> None:
    spec = gathered("--sample", "1%", "--keep-errors").spec
    assert (spec.sample, spec.keep_errors) == ("1%", True)
    assert (gathered().spec.sample, gathered().spec.keep_errors) == ("1", False)
    with pytest.raises(OptionError, match="--keep-errors is for --sample; without it every"):
        gathered("--keep-errors")


@pytest.mark.parametrize("sample", ["7", "dur>1s", "path:("])
def test_sampling_that_cannot_be_meant(sample: str) -> None:
    with pytest.raises(AsgitraceError):
        gathered("--sample", sample)
