"""Rows of data as one test that runs all of them and reports every row that failed."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., Any]
Names = Callable[..., object] | Iterable[str]


def every_row(
    argnames: str | Sequence[str], argvalues: Iterable[object], ids: Names | None = None
) -> Callable[[Test], Test]:
    """Run a test for each of the values, as ``pytest.mark.parametrize`` does, but as one test.

    Fixtures are made once, for all rows.

    Args:
        argnames: The names of the arguments, as there.
        argvalues: A value for each row, or as many as there are names.
        ids: The names of the rows in a failure: a function of a row's first value, or one name for each row.
    """
    names = [name.strip() for name in argnames.split(",")] if isinstance(argnames, str) else list(argnames)

    def rows() -> Iterator[tuple[object, dict[str, object]]]:
        labels = iter(ids) if isinstance(ids, Iterable) else None
        for value in argvalues:
            row = value if len(names) > 1 and isinstance(value, Sequence) else (value,)
            label = next(labels) if labels else ids(row[0]) if callable(ids) else repr(value)
            yield label, dict(zip(names, row, strict=True))

    def decorate(test: Test) -> Test:
        def run_all(*args: object, **fixtures: object) -> None:
            failures: list[str] = []
            for label, row in rows():
                with _collecting(failures, label):
                    test(*args, **fixtures, **row)
            _report(failures)

        async def await_all(*args: object, **fixtures: object) -> None:
            failures: list[str] = []
            for label, row in rows():
                with _collecting(failures, label):
                    await test(*args, **fixtures, **row)
            _report(failures)

        decorated = wraps(test)(await_all if inspect.iscoroutinefunction(test) else run_all)
        signature = inspect.signature(test)
        fixtures = [each for name, each in signature.parameters.items() if name not in names]
        decorated.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return decorated

    return decorate


@contextmanager
def _collecting(failures: list[str], label: object) -> Iterator[None]:
    try:
        yield
    except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - all of them are reported at the end
        failures.append(f"{label}: {type(failure).__name__}: {failure}")


def _report(failures: list[str]) -> None:
    assert not failures, f"{len(failures)} rows failed\n" + "\n".join(failures)
