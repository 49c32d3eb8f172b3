"""Exceptions as the recorder tells of them."""

from typing import Any

from hypothesis import strategies as st

PRICES = (
    "def price_of(sku):",
    "    try:",
    "        return TABLE[sku]",
    "    except KeyError as error:",
    "        raise PriceMissing(sku) from error",
)
ROUTE = (
    "async def checkout(scope, receive, send):",
    "    basket = await body_of(receive)",
    "    total = sum(price_of(sku) for sku in basket)",
    "    await reply(send, total)",
)


def frame(path: str, line: int, name: str, *source: str, first: int = 0, **more: Any) -> Any:
    """A frame of an app in ``/srv``, or of a library."""
    library = more.pop("library", False)
    folder = "/usr/lib/python3/site-packages" if library else "/srv"
    told = {"file": f"{folder}/{path}", "path": path, "name": name, "line": line}
    return told | {"library": library, "first": first or line, "source": list(source), **more}


def price_missing() -> dict[str, Any]:
    """One with a cause, through two libraries."""
    cause = {
        "type": "KeyError",
        "module": "builtins",
        "message": "'A-113'",
        "frames": [
            frame("shop/prices.py", 41, "price_of", *PRICES, first=39, column=15, end=25),
        ],
    }
    return {
        "type": "PriceMissing",
        "module": "shop.prices",
        "message": "no price for 'A-113'",
        "notes": ["the price list is of 2023"],
        "frames": [
            frame("starlette/routing.py", 74, "app", "    await app(scope)", library=True),
            frame("starlette/routing.py", 276, "handle", "    await self.app()", library=True),
            frame("shop/app.py", 132, "checkout", *ROUTE, first=130, column=16, end=48),
            frame("anyio/to_thread.py", 9, "run_sync", "    return await run()", library=True),
            frame("shop/prices.py", 43, "price_of", *PRICES, first=39, column=8, end=38),
        ],
        "cause": cause,
    }


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "module", "message", "frames", "notes", "cause", "context", "errors", "count",
             "left_out", "file", "path", "name", "line", "first", "source", "column", "end"],
        ),
        inner,
        max_size=6,
    ),
)  # fmt: skip
