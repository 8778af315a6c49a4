"""Data rows for a test that needs nothing but them: one test, and all rows that fail are told at its end."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps

Test = Callable[..., None]
Names = Callable[..., object] | Sequence[str] | Iterable[str]


def every_row(
    argnames: str | Sequence[str], argvalues: Iterable[object], ids: Names | None = None
) -> Callable[[Test], Test]:
    """Run a test for each of the values, as ``pytest.mark.parametrize`` does, but as one test.

    Args:
        argnames: The names of the arguments, as there.
        argvalues: A value for each row, or as many as there are names.
        ids: What a row is called if it fails: a function of its first value, or a name for each.
    """
    names = [name.strip() for name in argnames.split(",")] if isinstance(argnames, str) else list(argnames)

    def decorate(test: Test) -> Test:
        @wraps(test)
        def run_all(*args: object, **given: object) -> None:
            failures = []
            called = iter(ids) if isinstance(ids, Iterable) else None
            for value in argvalues:
                row = value if len(names) > 1 and isinstance(value, Sequence) else (value,)
                label = next(called) if called else ids(row[0]) if callable(ids) else repr(value)
                try:
                    test(*args, **given, **dict(zip(names, row, strict=True)))
                except Exception as failure:  # noqa: BLE001 - all of them are told at the end
                    failures.append(f"{label}: {type(failure).__name__}: {failure}")
            assert not failures, f"{len(failures)} rows failed\n" + "\n".join(failures)

        signature = inspect.signature(test)
        kept = [each for name, each in signature.parameters.items() if name not in names]
        run_all.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run_all

    return decorate
