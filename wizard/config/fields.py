"""The table of settings, from which configs are validated, and the JSON Schema that is generated from it.

As in JSON Schema, a pattern may match anywhere in the text. Patterns use only syntax that Python and
ECMAScript have in common.
"""

import json
from collections.abc import Callable
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from wizard.domain.reference import ReferenceTable
from wizard.domain.setup import (
    DEFAULT_APPLICATION,
    ORG_NUMBER_PLACEHOLDER,
    Environment,
    Setup,
    is_loopback_url,
    parse_org_number,
)
from wizard.findings import Code, Finding, codes
from wizard.text import N_

SCHEMA_VERSION: Final = 1

Names = tuple[str, ...]
"""The path of a setting from the top of the file."""
Value: TypeAlias = str | int | date | list[str] | ReferenceTable


def encode(value: Value, *, is_long: bool = False) -> str:
    """Return a value as TOML.

    Args:
        value: The value.
        is_long: Whether to write each text of a list on a separate line, for comments and diffs.
    """
    match value:
        case str():
            import tomlkit  # noqa: PLC0415 - not needed to read a config

            return tomlkit.string(value).as_string()
        case list() if is_long:
            return "\n".join(["[", *(f"    {encode(text)}," for text in value), "]"])
        case list():
            return f"[{', '.join(map(encode, value))}]"
        case dict():
            return f"{{ {', '.join(f'{name} = {encode(inner)}' for name, inner in value.items())} }}"
        case _:
            return str(value)


class Kind(Enum):
    """The type of a setting. The value is a description."""

    TABLE = N_("a table")
    TEXT = N_("text in quotation marks")
    NUMBER = N_("a whole number")
    DAY = N_("a date such as 2026-11-22")
    LIST = N_("a list of texts")
    REFERENCE = N_('a table such as { keyring = "…" }')


class Rule(NamedTuple):
    """A rule for the value of a text.

    Attributes:
        pattern: A regular expression.
        reason: What is wrong with a text that breaks the rule.
        is_wanted: Whether the pattern must match, or must not.
        check: Used instead of the pattern, with the same result but more precise findings.
    """

    pattern: str
    reason: str = ""
    is_wanted: bool = True
    check: Callable[[str], Finding | None] | None = None


class Field(NamedTuple):
    """A setting.

    Attributes:
        description: Shown by editors that support JSON Schema.
        choices: The allowed values.
        default: The value if it is absent.
        rules: The rules for a text, or for each text of a list.
        is_first_needed: Whether a list must start with a text that is not empty.
        fields: The settings of a table, or the kinds of a reference.
    """

    name: str
    kind: Kind
    description: str
    is_required: bool = False
    choices: tuple[str | int, ...] = ()
    default: str | None = None
    rules: tuple[Rule, ...] = ()
    is_first_needed: bool = False
    fields: tuple["Field", ...] = ()


class Condition(NamedTuple):
    """A requirement for a setting that depends on the value of another one.

    Attributes:
        code: The finding if it is missing although required, or present although not allowed.
        is_needed: True if it is required, False if it is not allowed, None if it is optional.
        pattern: A pattern for its value.
    """

    when: Names
    value: str
    field: Names
    is_needed: bool | None
    code: Code
    pattern: str | None = None


def _check_base_url(text: str) -> Finding | None:
    return None if is_loopback_url(text) else codes.BASE_URL_NOT_LOOPBACK.found()


def _check_client(text: str) -> Finding | None:
    number = parse_org_number(text)
    if isinstance(number, Finding):
        other = number.code in {codes.ORG_NUMBER_MISSING, codes.PLACEHOLDER_NOT_HERE}
        return codes.ORG_NUMBER_MALFORMED.found() if other else number
    return None if number == text else codes.ORG_NUMBER_NOT_PLAIN.found(number=number)


def _check_later(text: str) -> None:
    """Accept anything: organisation numbers are checked together with the set-up."""


LARGEST_NUMBER: Final = 2**63 - 1
"""The largest integer that TOML guarantees."""

DAY_PATTERN: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

_NINE_DIGITS: Final = r"^[0-9]{9}$"
_OCTET: Final = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PORT: Final = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_LOOPBACK: Final = (
    rf"^https?://(localhost|127(\.{_OCTET}){{3}}|\[(::|(0:){{7}})1\])(:{_PORT})?(/[A-Za-z0-9._~/-]*)?$"
)

_NOT_EMPTY: Final = Rule(r"[^ ]", N_("it is empty"))
_NO_CONTROLS: Final = Rule(
    r"[\u0000-\u001f\u007f]", N_("it contains line breaks or other control characters"), is_wanted=False
)
_TEXT: Final = (_NOT_EMPTY, _NO_CONTROLS)

REFERENCE_KINDS: Final = (
    Field(
        "keyring",
        Kind.TEXT,
        "An entry in the keyring, under the service tripletex-wizard.",
        rules=_TEXT,
    ),
    Field(
        "file",
        Kind.TEXT,
        "A private file with the token on its first line; relative to the folder of this file.",
        rules=(
            *_TEXT,
            Rule(r"^~", N_("~ is not expanded; write the full path"), is_wanted=False),
            Rule(
                r"(?!^\$\{CREDENTIALS_DIRECTORY\}/)(^\$|\$\{)",
                N_("only ${CREDENTIALS_DIRECTORY}/ at the beginning is expanded"),
                is_wanted=False,
            ),
        ),
    ),
    Field(
        "env",
        Kind.TEXT,
        "The name of an environment variable with the token.",
        rules=(
            *_TEXT,
            Rule(
                r"^[A-Za-z_][A-Za-z0-9_]*$",
                N_("the name of a variable can only contain letters, digits and _"),
            ),
        ),
    ),
    Field(
        "command",
        Kind.LIST,
        "A program and its arguments, run without a shell; it prints the token on its first line.",
        rules=(
            Rule(
                r"\u0000", N_("it contains a character that is not allowed in an argument"), is_wanted=False
            ),
        ),
        is_first_needed=True,
    ),
)

KIND_NAMES: Final = tuple(kind.name for kind in REFERENCE_KINDS)

CONFIG: Final = Field(
    "",
    Kind.TABLE,
    "How Visma Finale is connected to Tripletex. This file never contains a key.",
    fields=(
        Field(
            "schema_version",
            Kind.NUMBER,
            "The version of the file format.",
            is_required=True,
            choices=(SCHEMA_VERSION,),
        ),
        Field(
            "tripletex",
            Kind.TABLE,
            "The connection to Tripletex.",
            is_required=True,
            fields=(
                Field(
                    "environment",
                    Kind.TEXT,
                    "The environment that the key belongs to.",
                    is_required=True,
                    choices=tuple(str(environment) for environment in Environment),
                ),
                Field(
                    "base_url",
                    Kind.TEXT,
                    "The address that the sandbox prints when it starts; for the sandbox only.",
                    rules=(_NO_CONTROLS, Rule(_LOOPBACK, check=_check_base_url)),
                ),
                Field(
                    "application",
                    Kind.TEXT,
                    "The application that the key was made for («Applikasjonsnavn» in Tripletex).",
                    default=DEFAULT_APPLICATION,
                    rules=_TEXT,
                ),
            ),
        ),
        Field(
            "finale",
            Kind.TABLE,
            "What is entered in Visma Finale.",
            is_required=True,
            fields=(
                Field(
                    "setup",
                    Kind.TEXT,
                    "single-company: an ordinary key. bureau-client, bureau-shared: an office key.",
                    is_required=True,
                    choices=tuple(str(setup) for setup in Setup),
                ),
                Field(
                    "org_number",
                    Kind.TEXT,
                    "OrgNr in Finale: nothing, the nine digits of the client, or %ORGNR%.",
                    default="",
                    rules=(_NO_CONTROLS._replace(check=_check_later),),
                ),
                Field(
                    "clients",
                    Kind.LIST,
                    "The clients that the key must have access to, nine digits each; bureau-shared only.",
                    rules=(
                        Rule(_NINE_DIGITS, check=_check_client),
                        _NO_CONTROLS._replace(check=_check_later),
                    ),
                ),
            ),
        ),
        Field(
            "credentials",
            Kind.TABLE,
            "References to the tokens; never the tokens themselves.",
            is_required=True,
            fields=(
                Field(
                    "employee_token",
                    Kind.REFERENCE,
                    "The reference to the API key.",
                    is_required=True,
                    fields=REFERENCE_KINDS,
                ),
                Field(
                    "consumer_token",
                    Kind.REFERENCE,
                    "The reference to the consumer token, if it differs from the site's defaults.",
                    fields=REFERENCE_KINDS,
                ),
            ),
        ),
        Field(
            "key",
            Kind.TABLE,
            "Information about the key, written when it is set up or changed; never secret.",
            fields=(
                Field("id", Kind.NUMBER, "The key's number in Tripletex."),
                Field("installed", Kind.DAY, "The day on which the key was installed."),
                Field(
                    "previous",
                    Kind.REFERENCE,
                    "The reference to the previous key, until the change is finished.",
                    fields=REFERENCE_KINDS,
                ),
                Field(
                    "company_id",
                    Kind.NUMBER,
                    "Tripletex's id of the company that the key belongs to.",
                ),
            ),
        ),
    ),
)

ENVIRONMENT: Final = ("tripletex", "environment")
BASE_URL: Final = ("tripletex", "base_url")
SETUP: Final = ("finale", "setup")
ORG_NUMBER: Final = ("finale", "org_number")
CLIENTS: Final = ("finale", "clients")

CONDITIONS: Final = (
    Condition(ENVIRONMENT, Environment.PRODUCTION, BASE_URL, False, codes.BASE_URL_NOT_HERE),
    Condition(ENVIRONMENT, Environment.TEST, BASE_URL, False, codes.BASE_URL_NOT_HERE),
    Condition(ENVIRONMENT, Environment.SANDBOX, BASE_URL, True, codes.BASE_URL_MISSING),
    Condition(SETUP, Setup.SINGLE_COMPANY, CLIENTS, False, codes.CLIENTS_NOT_HERE),
    Condition(SETUP, Setup.BUREAU_CLIENT, CLIENTS, False, codes.CLIENTS_NOT_HERE),
    Condition(SETUP, Setup.SINGLE_COMPANY, ORG_NUMBER, None, codes.ORG_NUMBER_NOT_EMPTY, "^$"),
    Condition(SETUP, Setup.BUREAU_CLIENT, ORG_NUMBER, True, codes.ORG_NUMBER_MISSING, _NINE_DIGITS),
    Condition(
        SETUP,
        Setup.BUREAU_SHARED,
        ORG_NUMBER,
        True,
        codes.PLACEHOLDER_NEEDED,
        f"^{ORG_NUMBER_PLACEHOLDER}$",
    ),
)


Schema = dict[str, Any]

# The patterns of ``wizard.domain.key.looks_like_token`` in the syntax of ECMAScript.
_KEY_PATTERN = (
    r"eyJ[A-Za-z0-9+/_-]{37,}|tlxr_"
    r"|^\s*([tT][eE][sS][tT]-)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\s*$"
)


@cache
def schema_text() -> str:
    """Return the schema as text."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> Schema:
    """Return the schema (draft 2020-12), in English.

    It accepts the same configs as the wizard, except that JSON Schema

    * cannot check the check digit of an organisation number;
    * does not see keys in comments, or invalid TOML;
    * does not distinguish 1.0 from 1, or a date from a string;
    * rejects unusual loopback addresses such as ``[0::1]`` or port ``08765``, which the wizard accepts.

    Warnings, such as unknown names, are not errors in either.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tripletex-wizard:config:1",
        "title": "tripletex-wizard",
        **_field(CONFIG),
        "allOf": [{"$ref": "#/$defs/no_key"}, *map(_condition, CONDITIONS)],
        "$defs": {
            "reference": {
                **_table(REFERENCE_KINDS),
                "oneOf": [{"required": [kind.name]} for kind in REFERENCE_KINDS],
            },
            "no_key": {
                "description": "This file never contains a key, whatever it is called.",
                "not": {"type": "string", "pattern": _KEY_PATTERN},
                "propertyNames": {"not": {"pattern": _KEY_PATTERN}},
                "additionalProperties": {"$ref": "#/$defs/no_key"},
                "items": {"$ref": "#/$defs/no_key"},
            },
        },
    }


def _field(field: Field) -> Schema:
    shape: Schema
    match field.kind:
        case Kind.TABLE:
            shape = _table(field.fields)
        case Kind.REFERENCE:
            shape = {"$ref": "#/$defs/reference"}
        case Kind.TEXT:
            shape = _text(field)
        case Kind.LIST:
            shape = _list(field)
        case Kind.NUMBER:
            bounds = (
                {"enum": list(field.choices)} if field.choices else {"minimum": 1, "maximum": LARGEST_NUMBER}
            )
            shape = {"type": "integer", **bounds}
        case Kind.DAY:
            shape = {"type": "string", "format": "date", "pattern": DAY_PATTERN}
    default = {} if field.default is None else {"default": field.default}
    return {"description": field.description, **default, **shape}


def _table(fields: tuple[Field, ...]) -> Schema:
    required = [setting.name for setting in fields if setting.is_required]
    return {
        "type": "object",
        "properties": {setting.name: _field(setting) for setting in fields},
        **({"required": required} if required else {}),
    }


def _text(field: Field) -> Schema:
    schema: Schema = {"type": "string"}
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.rules:
        schema["allOf"] = [_rule(rule) for rule in field.rules]
    return schema


def _list(field: Field) -> Schema:
    text = _text(field)
    first = {"minItems": 1, "prefixItems": [{**text, "minLength": 1}]} if field.is_first_needed else {}
    return {"type": "array", **first, "items": text}


def _rule(rule: Rule) -> Schema:
    pattern = {"pattern": rule.pattern}
    return pattern if rule.is_wanted else {"not": pattern}


def _condition(condition: Condition) -> Schema:
    (table, when), field = condition.when, condition.field[-1]
    then: Schema = {}
    if condition.is_needed is not None:
        present = {"required": [field]}
        then = present if condition.is_needed else {"not": present}
    if condition.pattern is not None:
        then = then | {"properties": {field: {"pattern": condition.pattern}}}
    return {
        "if": {
            "properties": {table: {"properties": {when: {"const": condition.value}}, "required": [when]}},
            "required": [table],
        },
        "then": {"properties": {table: then}},
    }
