from tests.made_up_workers import workers

__all__ = ["workers"]
