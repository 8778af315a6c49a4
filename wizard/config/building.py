"""Builds the typed config of a document without errors."""

from datetime import date
from typing import Any

from wizard.config.fields import BASE_URL, CLIENTS, ENVIRONMENT, ORG_NUMBER, SETUP
from wizard.config.flaw import Document, value_at
from wizard.config.model import Config
from wizard.domain.environment import Environment
from wizard.domain.reference import reference_in
from wizard.domain.setup import DEFAULT_APPLICATION, Setup


def build(document: Document) -> Config:
    """Return the config of a document without errors."""

    def at(*names: str) -> Any:  # noqa: ANN401 - the types have been checked
        return value_at(document, names)

    consumer_token, previous = at("credentials", "consumer_token"), at("key", "previous")
    return Config(
        environment=Environment(at(*ENVIRONMENT)),
        base_url=at(*BASE_URL),
        application=at("tripletex", "application") or DEFAULT_APPLICATION,
        setup=Setup(at(*SETUP)),
        org_number=at(*ORG_NUMBER) or "",
        clients=tuple(at(*CLIENTS) or ()),
        employee_token=reference_in(at("credentials", "employee_token")),
        consumer_token=reference_in(consumer_token) if consumer_token else None,
        key_id=at("key", "id"),
        installed=day_in(at("key", "installed")),
        previous=reference_in(previous) if previous else None,
        company_id=at("key", "company_id"),
    )


def day_in(value: date | str | None) -> date | None:
    """Return a day that was written as TOML's own date or in quotation marks."""
    return date.fromisoformat(value) if isinstance(value, str) else value
