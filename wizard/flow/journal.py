"""Answers as plain data and back, for the journal and for answers files. Never a secret."""

from dataclasses import fields
from typing import Any

from wizard.domain.environment import Environment
from wizard.domain.finding import Verdict
from wizard.domain.reference import Reference, reference_in, reference_value
from wizard.domain.setup import KeyKind
from wizard.domain.step import StepId
from wizard.flow.answers import Answers, FoundCompany, HeldKey
from wizard.flow.flow import Flow

_SPECIAL = {"environment", "consumer_token", "key", "key_verdict", "kind", "company", "clients"}
_PLAIN = tuple(field.name for field in fields(Answers) if field.name not in _SPECIAL)


def encode_flow(flow: Flow) -> dict[str, Any]:
    """Return a flow as data that JSON can hold."""
    answers = flow.answers
    key, company = answers.key, answers.company
    return {
        "current": str(flow.current),
        "environment": str(answers.environment),
        "consumer_token": encode_reference(answers.consumer_token) if answers.consumer_token else None,
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
    key = data["key"]
    answers = Answers(
        environment=Environment(data["environment"]),
        consumer_token=reference_in(data["consumer_token"]) if data["consumer_token"] else None,
        key=HeldKey(**{**key, "reference": reference_in(key["reference"])}) if key else None,
        key_verdict=Verdict(data["key_verdict"]) if data["key_verdict"] else None,
        kind=KeyKind(data["kind"]) if data["kind"] else None,
        company=FoundCompany(**data["company"]) if data["company"] else None,
        clients=tuple(data["clients"]),
        **{name: data[name] for name in _PLAIN},
    )
    return Flow(answers, StepId(data["current"]))


def encode_reference(reference: Reference) -> dict[str, str | list[str]]:
    """Return a reference as the config writes it: ``{"keyring": "production/…"}``."""
    kind, value = reference_value(reference)
    return {kind: value}
