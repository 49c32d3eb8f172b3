"""The demo's JSON API: a shop in memory."""

from typing import TypedDict

from asgitrace.demo.request import Refusal, Request

CAPACITY = 100


class Item(TypedDict):
    """One thing for sale."""

    id: int
    name: str
    price: int


class Shop:
    """The items by number. The oldest goes when the shelves are full."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self._next_id = 1

    def add(self, name: str, price: int) -> Item:
        """Put an item on the shelf and give it a number."""
        item = Item(id=self._next_id, name=name, price=price)
        self._next_id += 1
        self.items[item["id"]] = item
        if len(self.items) > CAPACITY:
            del self.items[next(iter(self.items))]
        return item


def stocked_shop() -> Shop:
    """A shop with something to sell."""
    shop = Shop()
    for name, price in (("teapot", 1800), ("kettle", 3200), ("cup", 450), ("saucer", 300)):
        shop.add(name, price)
    return shop


async def list_items(request: Request) -> None:
    """All items."""
    shop: Shop = request.state["shop"]
    await request.respond_json(200, {"items": list(shop.items.values())})


async def show_item(request: Request) -> None:
    """One item, or 404."""
    await request.respond_json(200, _find(request))


async def create_item(request: Request) -> None:
    """Add an item: 201, or 422 with what is wrong."""
    shop: Shop = request.state["shop"]
    name, price = _validated(await request.json())
    item = shop.add(name, price)
    print(f"shop: {name!r} is item {item['id']}", flush=True)
    location = f"{request.scope.get('root_path', '')}/api/items/{item['id']}"
    await request.respond_json(201, item, [(b"location", location.encode())])


async def delete_item(request: Request) -> None:
    """Take an item off the shelf: 204, or 404."""
    shop: Shop = request.state["shop"]
    del shop.items[_find(request)["id"]]
    await request.respond(204)


def _find(request: Request) -> Item:
    shop: Shop = request.state["shop"]
    number = request.parameters["id"]
    item = shop.items.get(int(number)) if number.isdecimal() and len(number) < 10 else None
    if item is None:
        raise Refusal(404, "no such item")
    return item


def _validated(value: object) -> tuple[str, int]:
    if not isinstance(value, dict):
        raise Refusal(422, "an item is an object with name and price")
    problems = {}
    name, price = value.get("name"), value.get("price")
    if not isinstance(name, str) or not 1 <= len(name) <= 40:
        problems["name"] = "a text of 1 to 40 characters"
    if type(price) is not int or price < 0:
        problems["price"] = "a whole number of cents, not negative"
    if problems or not isinstance(name, str) or not isinstance(price, int):
        raise Refusal(422, problems)
    return name, price
