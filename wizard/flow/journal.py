"""Answers as plain data and back, for the journal and for answers files. Never a secret."""

from dataclasses import fields
from typing import Any

from wizard.domain.environment import Environment
from wizard.domain.reference import Reference, reference_in, reference_value
from wizard.domain.setup import KeyKind
from wizard.findings import StepId, Verdict
from wizard.flow.answers import Answers, FoundCompany, HeldKey, OwnPlace, StoreKind
from wizard.flow.flow import Flow

_REFERENCES = {"consumer_token", "key_reference"}
_SPECIAL = {"environment", "key", "key_verdict", "kind", "company", "clients", *_REFERENCES}
_PLAIN = tuple(field.name for field in fields(Answers) if field.name not in _SPECIAL)

_STORES: dict[str | None, StoreKind | None] = {
    None: None,
    "keyring": "keyring",
    "file": "file",
    "command": "command",
}
_OWN_PLACES: dict[str | None, OwnPlace | None] = {None: None, "command": "command", "env": "env"}


def encode_flow(flow: Flow) -> dict[str, Any]:
    """Return a flow as data that JSON can hold."""
    answers = flow.answers
    key, company = answers.key, answers.company
    return {
        "current": str(flow.current),
        "environment": str(answers.environment),
        "consumer_token": encode_reference(answers.consumer_token) if answers.consumer_token else None,
        "key_reference": encode_reference(answers.key_reference) if answers.key_reference else None,
        "key": {
            "reference": encode_reference(key.reference),
            "number": key.number,
            "length": key.length,
            "fingerprint": key.fingerprint,
            "owned": key.owned,
        }
        if key
        else None,
        "key_verdict": answers.key_verdict,
        "kind": answers.kind,
        "company": {"name": company.name, "org_number": company.org_number} if company else None,
        "clients": list(answers.clients),
    } | {name: getattr(answers, name) for name in _PLAIN}


def decode_flow(data: dict[str, Any]) -> Flow:
    """Return the flow that ``encode_flow`` made the data from.

    Raises:
        ValueError, KeyError, TypeError: it was not made by this version.
    """
    company = data["company"]
    answers = Answers(
        environment=Environment(data["environment"]),
        base_url=_text_or_none(data["base_url"]),
        application=_text(data["application"]),
        consumer_token=reference_in(data["consumer_token"]) if data["consumer_token"] else None,
        asks_application=_truth(data["asks_application"]),
        store=_STORES[data["store"]],
        asks_storage=_truth(data["asks_storage"]),
        own_place=_OWN_PLACES[data.get("own_place")],
        key_reference=reference_in(data["key_reference"]) if data.get("key_reference") else None,
        key=_held_key(data["key"]) if data["key"] else None,
        key_verdict=Verdict(data["key_verdict"]) if data["key_verdict"] else None,
        kind=KeyKind(data["kind"]) if data["kind"] else None,
        company=FoundCompany(*map(_text_or_none, (company["name"], company["org_number"])))
        if company
        else None,
        is_bureau=_truth_or_none(data["is_bureau"]),
        is_shared=_truth_or_none(data["is_shared"]),
        org_number=_text_or_none(data["org_number"]),
        clients=tuple(map(_text, data["clients"])),
    )
    flow = Flow(answers, StepId(data["current"]))
    if flow.current not in flow.path:
        raise ValueError(flow.current)
    return flow


def _held_key(data: dict[str, Any]) -> HeldKey:
    number, length = data["number"], data["length"]
    if not isinstance(number, int | None) or not isinstance(length, int):
        raise TypeError(number, length)
    reference = reference_in(data["reference"])
    return HeldKey(reference, number, length, _text(data["fingerprint"]), _truth(data["owned"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _truth_or_none(value: object) -> bool | None:
    return None if value is None else _truth(value)


def encode_reference(reference: Reference) -> dict[str, str | list[str]]:
    """Return a reference as the config writes it: ``{"keyring": "production/…"}``."""
    kind, value = reference_value(reference)
    return {kind: value}
