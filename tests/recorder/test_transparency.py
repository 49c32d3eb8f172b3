"""A wrapped app answers as the bare one, whatever frameworks and servers ask of it."""

import asyncio
import copy
import functools
import inspect
import pickle
from collections.abc import Callable
from typing import Any, Self

import pytest
from asgiref.compatibility import guarantee_single_callable, is_double_callable
from starlette.applications import Starlette

from asgitrace.recorder import Trace

Recording = Any
"""Of conftest, which cannot be imported from."""


@pytest.fixture
def traced(recording: Recording) -> Callable[[Any], Any]:
    return lambda app: Trace(app, recorder=recording.recorder)


async def function(scope: Any, receive: Any, send: Any) -> str:
    """Of the function."""
    return "called"


class Instance:
    """Of the class."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> str:
        return "called"

    async def method(self, scope: Any, receive: Any, send: Any) -> str:
        return "called"


class Static:
    @staticmethod
    async def __call__(scope: Any, receive: Any, send: Any) -> str:
        return "called"


class Double:
    def __init__(self, scope: Any) -> None:
        if "refused" in scope:
            raise LookupError("refused")
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> str:
        return "called"


class Rich(Instance):
    """An app of which more can be asked."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.entered: list[str] = []

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]

    def __setitem__(self, index: int, value: Any) -> None:
        self.items[index] = value

    def __contains__(self, item: Any) -> bool:
        return item in self.items

    def __or__(self, other: Any) -> Any:
        return ("or", other)

    def __ror__(self, other: Any) -> Any:
        return ("ror", other)

    def __iadd__(self, item: Any) -> Self:
        self.items.append(item)
        return self

    def __enter__(self) -> Self:
        self.entered.append("with")
        return self

    def __exit__(self, *_: object) -> None:
        self.entered.append("left")

    async def __aenter__(self) -> Self:
        self.entered.append("async with")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.entered.append("left")


async def with_more(scope: Any, receive: Any, send: Any, more: int) -> str:
    return "called"


APPS = [
    function, Instance(), Instance().method, Static(), Rich(), Starlette(),
    functools.partial(with_more, more=1), Double,
]  # fmt: skip


@pytest.mark.parametrize("app", APPS, ids=range(len(APPS)))
class TestAsked:
    @pytest.mark.parametrize(
        "ask",
        [
            inspect.iscoroutinefunction, asyncio.iscoroutinefunction, inspect.isclass,
            inspect.isfunction, inspect.ismethod, inspect.unwrap, callable, hash, bool, vars,
            inspect.getdoc, is_double_callable,
        ],
    )  # fmt: skip
    def test_it_answers_as_the_app(self, traced: Any, app: Any, ask: Any) -> None:
        if ask is vars and not hasattr(app, "__dict__"):
            pytest.skip("it has none")
        assert ask(traced(app)) == ask(app)

    def test_attributes_and_class_are_the_app_s(self, traced: Any, app: Any) -> None:
        seen = traced(app)
        assert isinstance(seen, type(app))
        assert isinstance(seen, Trace)
        assert seen.__class__ is app.__class__
        assert (seen.__doc__, seen.__module__) == (app.__doc__, app.__module__)
        for name in ("__name__", "__qualname__", "__wrapped__", "__self__", "func"):
            assert getattr(seen, name, None) == getattr(app, name, None)
        assert seen == app
        assert app == seen
        assert traced(app) == seen
        assert (seen != app) is False
        assert seen != 5

    def test_copies_and_pickles_are_of_the_app(self, traced: Any, app: Any) -> None:
        copied = copy.copy(traced(app))
        assert (type(copied).__mro__[-3:], copied.__class__) == (Trace.__mro__, app.__class__)
        if not isinstance(app, Starlette):
            again = pickle.loads(pickle.dumps(traced(app)))
            assert again.__class__ is app.__class__


class TestSpecialMethods:
    def test_they_are_the_app_s(self, traced: Any) -> None:
        app = Rich()
        seen = traced(app)
        assert not seen
        same = seen
        seen += "item"
        assert seen is same
        assert (len(seen), seen[0], "item" in seen, list(seen)) == (1, "item", True, ["item"])
        seen[0] = "other"
        assert app.items == ["other"]
        assert (seen | 1, 2 | seen) == (("or", 1), ("ror", 2))
        with seen as entered:
            assert entered is seen
        assert app.entered == ["with", "left"]

    def test_what_is_entered_goes_on_to_be_recorded(self, traced: Any) -> None:
        app = Rich()
        seen = traced(app)

        async def main() -> None:
            async with seen as entered:
                assert entered is seen

        asyncio.run(main())
        assert app.entered == ["async with", "left"]

    @pytest.mark.parametrize("ask", [len, iter, lambda app: app[0], lambda app: app | 1])
    def test_what_the_app_has_not_it_has_not(self, traced: Any, ask: Any) -> None:
        with pytest.raises(TypeError):
            ask(traced(Instance()))

    def test_the_class_says_of_itself_what_it_is(self) -> None:
        assert Trace.__module__ == "asgitrace.recorder.trace"
        assert (Trace.__doc__ or "").startswith("An ASGI application")


class TestFunctions:
    def test_one_in_a_class_becomes_a_method(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        class Server:
            async def app(self, scope: Any, receive: Any, send: Any) -> Any:
                return self

            seen = traced(app)

        server = Server()
        assert run(server.seen({"type": "http"}, None, None)) is server
        assert recording.kinds() == ["SCOPE", "RETURN"]
        assert Server.seen is Server.__dict__["seen"]


class TestTwoSteps:
    def test_the_first_step_is_taken_when_it_is_called(
        self, recording: Recording, traced: Any, run: Callable[..., Any]
    ) -> None:
        scope = {"type": "http"}
        step = traced(Double)(scope)
        assert step.scope is scope
        assert isinstance(step, Double)
        assert run(step(None, None)) == "called"
        single: Any = guarantee_single_callable
        assert run(single(traced(Double))(scope, None, None)) == "called"
        assert recording.kinds() == ["SCOPE", "RETURN"] * 2

    def test_what_it_raises_is_recorded(self, recording: Recording, traced: Any) -> None:
        with pytest.raises(LookupError, match="refused"):
            traced(Double)({"type": "http", "refused": True})
        assert recording.kinds() == ["SCOPE", "RAISE"]
