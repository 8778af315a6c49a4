"""One figure, what it was measured against, and what it should be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        what: What was measured, in words.
        measured: The number that is compared with the goal.
        goal: At most this; None where nothing was promised.
        unit: What the number counts; ``x`` for a ratio.
        detail: The times or counts that it comes from.
    """

    what: str
    measured: float
    goal: float | None
    unit: str = "x"
    detail: str = ""

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else self.measured <= self.goal


def table(figures: list[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [("what", "measured", "goal", "", "how")]
    for figure in figures:
        goal = "" if figure.goal is None else f"≤ {_number(figure.goal, figure.unit)}"
        sign = {True: "reached", False: "**missed**", None: ""}[figure.is_reached]
        rows.append((figure.what, _number(figure.measured, figure.unit), goal, sign, figure.detail))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"| {line} |\n" for line in lines)


def _number(value: float, unit: str) -> str:
    if unit == "x":
        return f"{value:.2f}x"
    return f"{value:,.0f} {unit}" if value >= 100 or value == int(value) else f"{value:.2f} {unit}"
