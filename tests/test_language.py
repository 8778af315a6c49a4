"""Plain English and natural bokmål in everything that a person reads."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "wizard"

# What gives a translated text away, with what to say instead.
ENGLISH = {
    r"anew": "again",
    r"whoever|whosoever": "the person who, anybody who",
    r"shall": "should, will",
    r"one's own": "its own, their own",
    r"tells? of": "says",
    r"mend(?:s|ed|ing)?": "fix",
    r"blanks?": "space",
    r"something else than": "something other than",
    r"(?:key|token|file|reference|entry|it|they) (?:lies|lie|stands|stand)": "is, is stored",
    r"(?:that|which|what|where) (?:stands|lies)": "is",
    r"beforehand|upon": "before, on",
    r"It is nothing wrong": "There is nothing wrong",
    r"API token|office's key|accountant's key": "API key, office key",
}
NORWEGIAN = {
    r"applikasjonens": "programmets",
    r"regnskapskontorets? nøkkel": "byrånøkkel",
    r"dersom": "hvis",
    r"nås ikke|når ikke klienten": "har ikke tilgang til",
    r"bevis(?:e|t)?": "sjekk",
    r"kontroller på nytt": "sjekk på nytt",
    r"henvisningen byttes": "den nye tas i bruk",
    r"slags": "type",
    r"alt (?:er|var) (?:i bruk|begynt)": "allerede",
    r"slipper ikke lenger inn": "er sperret",
    r"det kunne ikke ses": "vi vet ikke",
}


def sources() -> Iterator[tuple[str, Path]]:
    """Yield every file of prose with its language."""
    for language in ("nb", "en"):
        for path in sorted([*PACKAGE.glob(f"guide/{language}/*.md"), PACKAGE / f"findings/{language}.md"]):
            yield language, path
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]):
        yield "en", path
    for path in sorted((ROOT / "config-samples").glob("*.toml")):
        yield "nb", path


def texts() -> Iterator[tuple[str, str, str]]:
    """Yield where a text is, its language, and the text."""
    with (PACKAGE / "locale/nb/LC_MESSAGES/wizard.po").open("rb") as file:
        for message in read_po(file):
            for language, forms in (("en", message.id), ("nb", message.string)):
                for form in (forms,) if isinstance(forms, str) else forms or ():
                    yield f"catalogue, {form[:60]!r}", language, form
    for language, path in sources():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", language, line


def explained() -> Iterator[tuple[str, str, str]]:
    """Yield the docstrings and comments of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text()
        where = str(path.relative_to(ROOT))
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield f"{where}:{token.start[0]}", "en", token.string
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield where, "en", ast.get_docstring(node) or ""


def test_no_text_sounds_translated() -> None:
    banned = {
        language: {re.compile(rf"\b(?:{words})\b", re.IGNORECASE): better for words, better in table.items()}
        for language, table in (("en", ENGLISH), ("nb", NORWEGIAN))
    }
    wrong = [
        f"{where}: “{found[0]}”, better: {better}"
        for where, language, text in [*texts(), *explained()]
        for pattern, better in banned[language].items()
        if (found := pattern.search(text))
    ]
    assert wrong == [], "\n".join(wrong)
