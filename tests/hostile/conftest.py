from tests.leaks.conftest import home

__all__ = ["home"]
