"""The text to read: what it says, and that nothing in it is obeyed by a terminal."""

import ast
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asgitrace.export.forms import BY_NAME, FORMS
from asgitrace.export.forms.quoting import inert, python_literal, readable, shell_word
from asgitrace.export.forms.text import FORM
from tests.export.forms.arriving import request
from tests.tui.detail.samples import Script, all_exchanges


def test_a_request_and_its_response() -> None:
    script = Script(
        type="http", method="POST", path="/a", http_version="1.1", headers=[[b"a", b"\x1b[31m"]]
    )
    script.receive("http.request", body=b"in\r\nside")
    script.send("http.response.start", status=201, headers=[[b"x", b"1"], [b"x", b"2"]])
    script.send("http.response.body", body=b"\xff" * 2000)
    assert FORM.write(script.done().exchange(7), "http://[::]:80").startswith(
        "#7  POST /a  201\n"
        "began     2023-11-14 22:13:20.000 UTC\n"
        "took      0.060 ms (receive() 0.020 ms, send() 0.040 ms)\n"
        "received  8 bytes, sent 2,000 bytes, 5 events\n"
        "\n"
        "> POST /a HTTP/1.1\n"
        "> a: \\x1b[31m\n"
        "(to [::1])\n"
        "\n"
        "in\nside\n"
        "\n"
        "< 201\n< x: 1\n< x: 2\n"
        "\n"
        "[2,000 bytes of binary, the first 1,024 in base64]\n"
    )


def test_a_message_cannot_pass_for_another_line() -> None:
    script = Script(type="websocket", path="/ws").receive("websocket.receive", text="a\n< +1 ms b")
    assert "  a\n    < +1 ms b\n" in FORM.write(script.exchange(1), "")


def test_every_sample_in_every_form() -> None:
    for exchange in all_exchanges():
        for form in FORMS:
            if not form.refuses(exchange):
                text = form.write(exchange, "")
                assert text.translate({10: None, 9: None}).isprintable()
                assert text.endswith("\n")
    failed = next(found for found in all_exchanges() if "Traceback" in FORM.write(found, ""))
    assert FORM.write(failed, "").endswith("PriceMissing: no price for 'A-113'\n")


def test_what_is_no_exchange_of_the_specification() -> None:
    odd: dict[str, Any] = {"type": "http", "headers": 7, "server": ["a\nb", "c"], "method": []}
    exchange = Script(**odd, path="/x").exchange(1)
    for name in ("text", "curl", "httpx"):
        assert "127.0.0.1" in BY_NAME[name].write(exchange, "")


@given(st.binary())
def test_literals_are_what_they_stand_for(data: bytes) -> None:
    text = readable(data)
    for value in (data, data * 20, text, None if text is None else text * 20):
        if value is not None:
            source = python_literal(value, 4)
            assert source.replace("\n", "").isprintable()
            found = eval(source, {"base64": __import__("base64")})
            assert found == value
    assert shell_word(data).replace("\n", "").isprintable()


@given(st.text())
def test_inert(text: str) -> None:
    assert inert(text).translate({10: None, 9: None}).isprintable()
    assert ast.literal_eval(repr(text)) == text


def test_the_list_of_forms() -> None:
    assert [form.name for form in FORMS] == ["text", "curl", "httpx", "websockets"]
    assert FORM.refuses(request()) == ""
