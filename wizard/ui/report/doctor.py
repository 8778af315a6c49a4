"""The report of ``doctor`` as text or JSON. Both can be sent to support."""

from typing import Final, Literal, TextIO

from wizard.doctor.observation import Fact, FactValue, Observation, Part
from wizard.findings import Finding, Severity, Term, Verdict
from wizard.text import N_, Texts
from wizard.ui.report import status_width
from wizard.ui.report.forms import Json, dump, finding_document, write_document
from wizard.ui.report.text import ReportWriter, Style

DoctorFormat = Literal["text", "json"]

FIT_TO_SEND: Final = N_(
    "This report contains no keys and no names of users or machines. You can send it to support."
)

PARTS: Final = {
    Part.PROGRAM: N_("Program"),
    Part.TERMINAL: N_("Terminal"),
    Part.LANGUAGE: N_("Language"),
    Part.DEFAULTS: N_("The site's defaults"),
    Part.CONFIG: N_("The config"),
    Part.KEY: N_("The key"),
    Part.KEYRING: N_("Keyring"),
    Part.PRIVATE_FILES: N_("Private files for keys"),
    Part.STORED_KEYS: N_("Stored keys"),
    Part.CONSUMER_TOKEN: N_("Consumer token"),
    Part.NETWORK_SETTINGS: N_("Network settings"),
    Part.CONNECTION: N_("Connection to {host}"),
    Part.CLOCK: N_("Clock"),
}

FACTS: Final = {
    Fact.VERSION: N_("version"),
    Fact.PYTHON: N_("Python"),
    Fact.SYSTEM: N_("system"),
    Fact.OPENSSL: N_("encryption"),
    Fact.LIBRARIES: N_("libraries"),
    Fact.STDIN: N_("input is a terminal"),
    Fact.STDERR: N_("output is a terminal"),
    Fact.TERM: N_("TERM"),
    Fact.SIZE: N_("size"),
    Fact.ENCODING: N_("encoding"),
    Fact.COLOUR: N_("colours turned off"),
    Fact.REMOTE: N_("over SSH"),
    Fact.MULTIPLEXER: N_("inside"),
    Fact.FACE: N_("questions are asked"),
    Fact.REASON: N_("because"),
    Fact.LANGUAGE: N_("language"),
    Fact.DECIDED_BY: N_("decided by"),
    Fact.LOCALE: N_("locale"),
    Fact.FILES: N_("files"),
    Fact.DECIDED: N_("what they set"),
    Fact.PATH: N_("file"),
    Fact.SETUP: N_("set-up"),
    Fact.ENVIRONMENT: N_("environment"),
    Fact.KEY_NUMBER: N_("key number"),
    Fact.COUNT: N_("private files"),
    Fact.BACKEND: N_("keyring used"),
    Fact.ROUND_TRIP: N_("returns what was stored"),
    Fact.FOLDER: N_("folder"),
    Fact.UMASK: N_("umask"),
    Fact.PLACE: N_("looked in"),
    Fact.FOUND: N_("found"),
    Fact.PROXY_VARIABLES: N_("variables set"),
    Fact.CERT_FILE: N_("SSL_CERT_FILE"),
    Fact.CERT_DIR: N_("SSL_CERT_DIR"),
    Fact.PROXY: N_("proxy"),
    Fact.ADDRESSES: N_("addresses"),
    Fact.ANSWERS: N_("answers"),
    Fact.MILLISECONDS: N_("milliseconds"),
    Fact.TLS: N_("encrypted with"),
    Fact.ISSUER: N_("certificate issued by"),
    Fact.EXPIRES: N_("certificate valid until"),
    Fact.AHEAD: N_("seconds ahead of Tripletex"),
    Fact.UTC: N_("time (UTC)"),
    Fact.OSLO_DATE: N_("date in Norway"),
    Fact.TIME_ZONE: N_("time zone"),
}


def new_doctor_report(wanted: DoctorFormat, out: TextIO, t: Texts, *, colour: bool) -> "_Text | _Json":
    """Return an empty report, to which observations are added as they arrive.

    Args:
        wanted: The format.
        out: The output stream.
        t: The language.
        colour: Whether to colour text.
    """
    return _Json(out, t) if wanted == "json" else _Text(ReportWriter(out, colour=colour), out, t)


class _Text:
    """Writes each part at once, which also shows the progress on a terminal."""

    def __init__(self, writer: ReportWriter, out: TextIO, t: Texts) -> None:
        self._writer = writer
        self._out = out
        self._t = t
        writer.line(t(FIT_TO_SEND))
        self._out.flush()

    def add(self, seen: Observation) -> None:
        t, writer = self._t, self._writer
        title = t(PARTS[seen.part], host=seen.host or "")
        writer.line()
        writer.headed(seen.verdict, t, (title, Style.STRONG), width=status_width(t))
        facts = [(t(FACTS[name]), _words(value, t)) for name, value in seen.facts.items()]
        width = max((len(name) for name, _ in facts), default=0)
        for name, words in facts:
            writer.line("  ", f"{name}: ".ljust(width + 2), words[0])
            for word in words[1:]:
                writer.line("  ", " " * (width + 2), word)
        for finding in seen.findings:
            writer.finding(finding, t)
        for note in seen.notes:
            note_word = (f"{t('note')} {note.code.id}", Style.CYAN)
            writer.wrapped(note_word, f": {note.message(t)}", indent=2, hang=2)
            writer.advice(note, t)
        self._out.flush()

    def finish(self) -> None:
        """Do nothing, since everything has been written."""


class _Json:
    """Writes one document at the end, because it begins with the totals."""

    def __init__(self, out: TextIO, t: Texts) -> None:
        self._out = out
        self._t = t
        self._parts: list[str] = []
        self._counts: dict[Verdict, int] = dict.fromkeys(Verdict, 0)

    def add(self, seen: Observation) -> None:
        self._counts[seen.verdict] += 1
        document: dict[str, Json] = {
            "part": seen.part.value,
            "host": seen.host,
            "status": seen.verdict.value,
            "facts": {name.value: _json(value) for name, value in seen.facts.items()},
            "findings": [
                *(finding_document(finding, self._t) for finding in seen.findings),
                *(_note(finding, self._t) for finding in seen.notes),
            ],
        }
        self._parts.append(dump(document, self._out.encoding))

    def finish(self) -> None:
        summary: Json = {verdict.value: count for verdict, count in self._counts.items()}
        write_document(self._out, {"summary": summary}, {"parts": self._parts})


def _note(finding: Finding, t: Texts) -> Json:
    return {**finding_document(finding, t), "severity": Severity.INFO.value}


def _words(value: FactValue, t: Texts) -> tuple[str, ...]:
    match value:
        case None | ():
            return ("–",)
        case bool():
            return (t("yes") if value else t("no"),)
        case tuple():
            return value
        case Term():
            return (t(value),)
        case _:
            return (str(value),)


def _json(value: FactValue) -> Json:
    return list(value) if isinstance(value, tuple) else value
