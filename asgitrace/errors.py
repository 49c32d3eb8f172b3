"""The exceptions a user can meet. Each text is one sentence: what is wrong, where, what to do."""


class AsgitraceError(Exception):
    """A mistake or a circumstance the user can act on; the command line prints it, exits with 2."""


class TargetError(AsgitraceError):
    """The target ``module:app`` names no module, no attribute, or nothing that is callable."""


class AddressError(AsgitraceError):
    """The server cannot listen where it was told to."""


class OptionError(AsgitraceError):
    """An option has a value that cannot be used."""


class RingError(AsgitraceError):
    """A ring file cannot be created, is not one of ours, or is damaged."""


class TraceFileError(AsgitraceError):
    """A trace file cannot be read or written."""


class StartupFailed(AsgitraceError):
    """The app answered ``lifespan.startup.failed``, or raised where ``--lifespan on`` demands
    support."""


class FilterError(AsgitraceError):
    """A filter that cannot be read.

    The text of the exception is one sentence for the command line. ``position`` and ``length`` say
    which characters of the filter are meant, from 0; ``expected`` says what could stand there.
    """

    def __init__(self, sentence: str, *, position: int, length: int, expected: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.length = length
        self.expected = expected


class ChoiceError(AsgitraceError, LookupError, AssertionError):
    """There was to be one exchange and there is none, or there are several.

    An AssertionError as well, since it is in tests that one is asked for.
    """

    def __init__(self, sentence: str, *names: str) -> None:
        super().__init__("\n  ".join((f"{sentence}{':' if names else '.'}", *names)))


class SettingsError(AsgitraceError):
    """The configuration file cannot be read or written, or says something that cannot be meant."""
