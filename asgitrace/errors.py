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
