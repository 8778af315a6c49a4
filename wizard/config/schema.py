"""The JSON Schema of the config, for editors and other programs.

It accepts the same configs as the wizard, except that JSON Schema

* cannot check the check digit of an organisation number;
* does not see keys in comments, or invalid TOML;
* does not distinguish 1.0 from 1, or a date from a string;
* rejects unusual loopback addresses such as ``[0::1]`` or port ``08765``, which the wizard accepts.

Warnings, such as unknown names, are not errors in either.
"""

import json
from functools import cache
from typing import Any

from wizard.config.fields import (
    CONDITIONS,
    CONFIG,
    DAY_PATTERN,
    LARGEST_NUMBER,
    REFERENCE_KINDS,
    Condition,
    Field,
    Kind,
    Rule,
)
from wizard.text import Texts

Schema = dict[str, Any]

# The patterns of ``wizard.domain.key.looks_like_token`` in the syntax of ECMAScript.
_KEY_PATTERN = (
    r"eyJ[A-Za-z0-9+/_-]{37,}|tlxr_"
    r"|^\s*([tT][eE][sS][tT]-)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\s*$"
)


@cache
def schema_text() -> str:
    """Return the schema as text, in English."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema(t: Texts | None = None) -> Schema:
    """Return the schema (draft 2020-12), with descriptions in English by default."""
    t = t or Texts("en")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tripletex-wizard:config:1",
        "title": "tripletex-wizard",
        **_field(CONFIG, t),
        "allOf": [{"$ref": "#/$defs/no_key"}, *map(_condition, CONDITIONS)],
        "$defs": {
            "reference": {
                **_table(REFERENCE_KINDS, t),
                "oneOf": [{"required": [kind.name]} for kind in REFERENCE_KINDS],
            },
            "no_key": {
                "description": t("This file never contains a key, whatever it is called."),
                "not": {"type": "string", "pattern": _KEY_PATTERN},
                "propertyNames": {"not": {"pattern": _KEY_PATTERN}},
                "additionalProperties": {"$ref": "#/$defs/no_key"},
                "items": {"$ref": "#/$defs/no_key"},
            },
        },
    }


def _field(field: Field, t: Texts) -> Schema:
    shape: Schema
    match field.kind:
        case Kind.TABLE:
            shape = _table(field.fields, t)
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
    return {"description": t(field.description), **default, **shape}


def _table(fields: tuple[Field, ...], t: Texts) -> Schema:
    required = [setting.name for setting in fields if setting.is_required]
    return {
        "type": "object",
        "properties": {setting.name: _field(setting, t) for setting in fields},
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
