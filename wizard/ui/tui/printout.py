"""A step as plain text, to be copied with the terminal's own means or read aloud."""

import textwrap
from collections.abc import Iterable, Iterator

from wizard.domain.legible import visible
from wizard.findings import Finding
from wizard.flow.questions import Choose, Overview, Question, Review, RunChecks
from wizard.guide import plain_text
from wizard.ui.tui.look import Look


def step_text(question: Question, findings: Iterable[Finding], look: Look, width: int) -> str:
    """Return title, guide, what was found and what is asked; nothing of it is secret."""
    t = look.t
    title = visible(question.title)
    parts = [f"{title}\n{'=' * len(title)}", plain_text(question.guide, width)]
    parts += [visible(note) for note in question.notes]
    parts += filter(None, ["\n".join(_own(question, look))])
    for finding in findings:
        said = f"{look.of_finding(finding).word}: {finding.message(t)} {finding.hint(t)}"
        parts.append(textwrap.fill(visible(said), width, break_long_words=False))
    return "\n\n".join(parts)


def _own(question: Question, look: Look) -> Iterator[str]:
    match question:
        case Review(path=path, text=text):
            yield visible(path)
            yield ""
            yield from (visible(line.expandtabs(4)) for line in text.splitlines())
        case Overview(columns=columns, rows=rows):
            yield "\t".join(columns)
            for row in rows:
                cells = (look.of_verdict(row.verdict).word, *row.cells)
                yield "\t".join(visible(cell) for cell in cells)
        case RunChecks(lines=lines):
            for line in lines:
                yield f"{look.of_verdict(line.verdict).word}: {visible(line.text)}"
        case Choose(label=label, options=options):
            yield visible(label)
            yield from (visible(f"- {option.label}  {option.detail}").rstrip() for option in options)
        case _:
            label = getattr(question, "label", "")
            yield visible(label)
