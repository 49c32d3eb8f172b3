"""What is wrong with a setting, before it is known where that is written."""


class Mistake(ValueError):
    """A setting says something that cannot be meant. ``path`` leads to it, as ``("keys", "save")``;
    the text says what is wrong and what to do, without a full stop."""

    def __init__(self, path: tuple[str, ...], text: str) -> None:
        super().__init__(text)
        self.path = path
