"""An object that stands for another one: what is asked of it is answered by the other.

Frameworks, servers and their test clients look at the app they are given: of which class it is,
whether it is a coroutine function, what its attributes are, and what its class lets one do with it
(`len(app)`, `async with app`, `app | other`). Special methods are looked up in the class, past any
attribute; so the class of each proxy has just those that the class of what it stands for has.
"""

import copy
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, Self

_PREFIX: Final = "_asgitrace_"
"""Of a proxy's own attributes; all others are those of what it stands for."""

_COLLECTIONS: Final = "len length_hint getitem setitem delitem iter next reversed contains"
_AWAITED: Final = "await aiter anext aexit"
_CONVERSIONS: Final = "bool str bytes format fspath int float complex index round trunc floor ceil"
_OPERATORS: Final = "lt le gt ge neg pos abs invert"
_BINARY: Final = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or"
_OTHERS: Final = "enter exit instancecheck subclasscheck set_name"
_SPECIAL: Final = frozenset(
    f"__{prefix}{name}__"
    for names, prefixes in (
        (f"{_COLLECTIONS} {_AWAITED} {_CONVERSIONS} {_OPERATORS} {_OTHERS}", ("",)),
        (_BINARY, ("", "r", "i")),
    )
    for name in names.split()
    for prefix in prefixes
)


class _Named(str):
    """What a class says of itself, while its instances say what they stand for says of itself."""

    __slots__ = ("_name",)

    _name: str

    def __new__(cls, name: str, owner: type) -> Self:
        made = super().__new__(cls, getattr(owner, name) or "")
        made._name = name
        return made

    def __get__(self, instance: "Proxy | None", owner: type) -> Any:
        return self if instance is None else getattr(instance._asgitrace_app, self._name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # With whatever is pickled of a module goes the module's name.
        return str, (str(self),)


class Proxy:
    """Stands for ``app``; a subclass says in which way it differs."""

    __slots__ = ("__weakref__", "_asgitrace_app")

    _asgitrace_app: Any

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in ("__doc__", "__module__"):
            setattr(cls, name, _Named(name, cls))

    def __new__(cls, app: Any = None, *_: Any, **__: Any) -> Self:
        kind: Any = cls
        made: Self = object.__new__(_fitted(kind, _specials(type(app))))
        made._asgitrace_app = app
        return made

    def _asgitrace_around(self, app: Any) -> "Proxy":
        """A proxy like this one of something else."""
        raise NotImplementedError

    @property  # type: ignore[misc]  # setting it goes to what it stands for
    def __class__(self) -> Any:
        return self._asgitrace_app.__class__

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_asgitrace_app"), name)

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith(_PREFIX):
            object.__setattr__(self, name, value)
        else:
            setattr(self._asgitrace_app, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._asgitrace_app, name)

    def __dir__(self) -> Iterator[str]:
        return iter(dir(self._asgitrace_app))

    def __eq__(self, other: object) -> Any:
        return self._asgitrace_app == _behind(other)

    def __ne__(self, other: object) -> Any:
        return self._asgitrace_app != _behind(other)

    def __hash__(self) -> int:
        return hash(self._asgitrace_app)

    def __copy__(self) -> "Proxy":
        return self._asgitrace_around(copy.copy(self._asgitrace_app))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Proxy":
        return self._asgitrace_around(copy.deepcopy(self._asgitrace_app, memo))


def _behind(other: object) -> Any:
    return other._asgitrace_app if issubclass(type(other), Proxy) else other  # type: ignore[attr-defined]


def _specials(kind: type) -> frozenset[str]:
    """Those of a class that are to be in the class of a proxy, too."""
    names = {name for owner in kind.__mro__[:-1] for name in owner.__dict__}
    return frozenset(_FORWARDED.keys() & names)


@cache
def _fitted(cls: type, specials: frozenset[str]) -> Any:
    """A proxy's class with some special methods besides; one for each choice of them."""
    if not specials:
        return cls
    methods = {name: _FORWARDED[name] for name in specials}
    about = {"__slots__": (), "__module__": cls.__module__, "__doc__": cls.__doc__}
    return type(cls.__name__, (cls,), about | methods)


def _special(app: Any, name: str) -> Any:
    """A special method as Python finds it: in the class, whatever the object has."""
    for owner in type(app).__mro__:
        if name in owner.__dict__:
            found = owner.__dict__[name]
            return found.__get__(app, type(app)) if hasattr(found, "__get__") else found
    raise AttributeError(name)


def _forwarding(name: str) -> Callable[..., Any]:
    def forwarded(self: Proxy, *args: Any) -> Any:
        app = self._asgitrace_app
        result = _special(app, name)(*args)
        # `with app as same`, `app |= more`: what stands for it goes on standing for it.
        return self if result is app else result

    forwarded.__name__ = name
    return forwarded


async def _entered(self: Proxy) -> Any:
    app = self._asgitrace_app
    result = await _special(app, "__aenter__")()
    return self if result is app else result


def _bound(self: Proxy, instance: object, owner: type | None = None) -> Any:
    """A function that is the attribute of a class becomes a method of its instances."""
    app = self._asgitrace_app
    bound = _special(app, "__get__")(instance, owner)
    return self if bound is app else self._asgitrace_around(bound)


_FORWARDED: Final[dict[str, Callable[..., Any]]] = {
    **{name: _forwarding(name) for name in _SPECIAL},
    "__aenter__": _entered,
    "__get__": _bound,
}
