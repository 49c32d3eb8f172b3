"""Finding the app: what is there is found, a slip of the pen gets one sentence."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgitrace.errors import TargetError
from asgitrace.process.target import check_target, load_app, split_target

MODULE = """
async def application(scope, receive, send): ...
def make(): return application
class Holder:
    app = application
    number = 7
broken = None
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a module and a package; imports of them are forgotten afterwards."""
    (tmp_path / "shop_site.py").write_text(MODULE)
    package = tmp_path / "shop_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "site.py").write_text(MODULE)
    deep = tmp_path / "shop_folder" / "deep"
    deep.mkdir(parents=True)
    (deep / "site.py").write_text(MODULE)
    (tmp_path / "needs_other.py").write_text("import a_module_nobody_has\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith(("shop_", "needs_")):
            del sys.modules[name]


@pytest.mark.parametrize(
    "target",
    [
        "shop_site:application",
        "shop_package.site:Holder.app",
        # Folders without __init__.py.
        "shop_folder.deep.site:application",
    ],
)
def test_an_app_that_is_there(folder: Path, target: str) -> None:
    check_target(target, str(folder))
    assert callable(load_app(target, str(folder), factory=False))


def test_a_factory_is_called(folder: Path) -> None:
    made = load_app("shop_site:make", str(folder), factory=True)
    assert getattr(made, "__name__", "") == "application"


def test_checking_imports_nothing(folder: Path) -> None:
    check_target("needs_other:app", str(folder))
    assert "needs_other" not in sys.modules


def test_builtin_modules_are_there() -> None:
    check_target("sys:exit", ".")


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("shop_site", "'shop_site' does not say which app to run; name it as module:attribute"),
        ("shop_site:", "does not say which app"),
        ("a b:app", "is not an import path"),
        ("shop_site:app-x", "is not an import path"),
        ("./shop_site.py", "is a file; name the module and the app in it: shop_site:app."),
        ("shop/site.py", "shop.site:app."),
        ("no_such_shop:app", "There is no module 'no_such_shop' in "),
        ("shop_package.missing:app", "There is no module 'shop_package.missing'"),
        ("shop_site.more:app", "shop_site is a module, not a package: there is no shop_site.more."),
    ],
)
def test_a_slip_in_the_name(folder: Path, target: str, sentence: str) -> None:
    with pytest.raises(TargetError) as raised:
        check_target(target, str(folder))
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_that_is_not_there(folder: Path) -> None:
    with pytest.raises(TargetError, match=r"The folder .* is not there; pass another --app-dir"):
        check_target("shop_site:application", str(folder / "nowhere"))


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("shop_site:app", "has no attribute 'app'; did you mean shop_site:application?"),
        ("shop_site:Holder.gone", "has no attribute 'gone'"),
        ("shop_site:broken", "is not callable but of type NoneType"),
        ("shop_site:Holder.number", "is not callable but of type int"),
        ("shop_site:broken.deeper", "has no attribute 'deeper'.*check the name after the colon"),
        ("no_such_shop:app", "There is no module 'no_such_shop'"),
    ],
)
def test_a_slip_behind_the_colon(folder: Path, target: str, sentence: str) -> None:
    with pytest.raises(TargetError, match=sentence):
        load_app(target, str(folder), factory=False)


def test_a_missing_import_inside_the_app_is_the_apps_own_error(folder: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="a_module_nobody_has"):
        load_app("needs_other:app", str(folder), factory=False)


def test_a_target_is_split() -> None:
    assert split_target("a.b:c.d") == ("a.b", "c.d")
