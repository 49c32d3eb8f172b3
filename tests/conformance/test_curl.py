"""curl: versions, methods, uploads, expectations, targets, reuse, Unix sockets, TLS."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.conformance.apps.playground import app
from tests.conformance.conftest import Curl, Site
from tests.server.requirements.bench import bench


def seen(text: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(text)
    return told


def test_get(site: Site, curl: Curl) -> None:
    told = seen(curl(site.url("/seen?a=b")))

    assert (told["method"], told["query"], told["http_version"]) == ("GET", "a=b", "1.1")


def test_http_1_0(site: Site, curl: Curl) -> None:
    assert seen(curl("--http1.0", site.url("/seen")))["http_version"] == "1.0"
    assert curl("--http1.0", site.url("/stream")).count("piece") == 10


def test_head_has_no_content(site: Site, curl: Curl) -> None:
    head = curl("--head", site.url("/big"), "--next", "--head", site.url("/big")).lower()

    assert head.count("http/1.1 200") == 2
    assert head.count("content-length: 4194304") == 2


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_methods(site: Site, curl: Curl, method: str) -> None:
    assert seen(curl("--request", method, site.url("/seen")))["method"] == method


def test_upload_with_a_length(site: Site, curl: Curl, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(bytes(range(256)) * 4096)
    back = tmp_path / "back"

    curl("--data-binary", f"@{file}", "--output", str(back), site.url("/echo"))

    assert back.read_bytes() == file.read_bytes()


def test_upload_in_chunks_after_continue(site: Site, curl: Curl, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"x" * 2_000_000)

    told = curl(
        *("--verbose", "--stderr", "-", "--expect100-timeout", "20"),
        *("--header", "Transfer-Encoding: chunked", "--header", "Expect: 100-continue"),
        *("--upload-file", str(file), site.url("/seen")),
    )

    assert "< HTTP/1.1 100 Continue" in told
    assert '"length": 2000000' in told


def test_upload_that_is_refused_after_expect(site: Site, curl: Curl, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"x" * 2_000_000)

    told = curl(
        *("--verbose", "--stderr", "-", "--expect100-timeout", "20"),
        *("--header", "Expect: 100-continue", "--data-binary", f"@{file}", site.url("/unread")),
    )

    assert "100 Continue" not in told
    assert "< HTTP/1.1 413" in told
    assert "\ntoo much" in told


def test_range_is_the_apps_affair(site: Site, curl: Curl, tmp_path: Path) -> None:
    code = curl("--range", "0-9", "--output", "/dev/null", "--write-out", "%{http_code}",
                site.url("/big"))  # fmt: skip

    assert code == "200"


def test_a_connection_is_reused(site: Site, curl: Curl) -> None:
    told = curl(
        *("--write-out", "%{num_connects} "),
        *(part for _ in range(5) for part in ("--output", "/dev/null", site.url("/stream"))),
    )

    assert told.split() == ["1", "0", "0", "0", "0"]


def test_the_path_as_it_is(site: Site, curl: Curl) -> None:
    told = seen(curl("--path-as-is", site.url("/seen/../a/%2e/./b//c%C3%A9")))

    assert told["raw_path"] == "/seen/../a/%2e/./b//c%C3%A9"
    assert told["path"] == "/seen/../a/././b//c\xe9"


@pytest.mark.parametrize("status", [200, 201, 204, 304, 404, 418, 500, 503])
def test_statuses(site: Site, curl: Curl, status: int) -> None:
    url = site.url(f"/status/{status}")
    told = curl("--write-out", " %{http_code} %{num_connects}", url, url)

    body = "" if status in (204, 304) else "as asked"
    assert told == f"{body} {status} 1{body} {status} 0"


def test_absolute_form(site: Site, curl: Curl) -> None:
    told = seen(curl("--proxy", site.url(), "http://other.example/seen?a"))

    assert (told["path"], told["query"]) == ("/seen", "a")
    assert ["host", "other.example"] in told["headers"]


def test_many_at_once(site: Site, curl: Curl) -> None:
    told = curl("--parallel", "--parallel-max", "20", site.url("/seen?[1-100]"))

    assert told.count('"method": "GET"') == 100


def test_unix_socket(curl: Curl, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")

    with bench(app, uds=path):
        told = seen(curl("--unix-socket", path, "http://localhost/seen"))

    assert told["client"] is None
    assert ["host", "localhost"] in told["headers"]


def test_tls(curl: Curl, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    ca, pem = tmp_path / "ca.pem", tmp_path / "site.pem"
    authority.cert_pem.write_to_path(str(ca))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(pem))
    ssl.create_default_context(cafile=str(ca))

    with bench(app, ssl_certfile=str(pem)) as running:
        told = curl(
            *("--verbose", "--stderr", "-", "--cacert", str(ca)),
            f"https://localhost:{running.address[1]}/seen",
        )

    assert "ALPN: server accepted http/1.1" in told
    assert '"scheme": "https"' in told
