"""Writes the text of a new config."""

from datetime import date
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.config.fields import BASE_URL, CLIENTS, ENVIRONMENT, ORG_NUMBER, SETUP, Names
from wizard.config.model import SCHEMA_VERSION, Config
from wizard.domain.reference import Reference, reference_value
from wizard.domain.setup import Setup
from wizard.text import N_, Texts

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Table

ReferenceTable: TypeAlias = dict[str, str | list[str]]
"""A reference in the config, such as ``{"keyring": "production/2147628461"}``."""

Value: TypeAlias = str | int | date | list[str] | ReferenceTable

_ORG_NUMBER_COMMENTS: Final = {
    Setup.SINGLE_COMPANY: N_("OrgNr is left empty in Finale."),
    Setup.BUREAU_CLIENT: N_("OrgNr in Finale: the organisation number of the client."),
    Setup.BUREAU_SHARED: N_("OrgNr in Finale, which replaces it with the client's number at log-on."),
}
_MOST_ON_ONE_LINE: Final = 4


def render(config: Config, t: Texts, *, is_proven: bool = True) -> str:
    """Return the text of a new config file.

    Args:
        config: The settings.
        t: The language of the comments.
        is_proven: Whether the key has been tested against Tripletex. If not, a comment says so.
    """
    import tomlkit  # noqa: PLC0415 - not needed to read a config

    document = tomlkit.document()
    document.add(
        tomlkit.comment(t("The connection between Tripletex and Visma Finale, written by tripletex-wizard."))
    )
    document.add(tomlkit.comment(t("The key is not in this file, only where to read it.")))
    if not is_proven:
        document.add(
            tomlkit.comment(t("The key had not been tested against Tripletex when this was written."))
        )
    holder: TOMLDocument | Table = document
    table: Names = ()
    for names, value in settings_of(config).items():
        if value is None:
            continue
        if names[:-1] != table:
            table = names[:-1]
            holder.add(tomlkit.nl())
            holder = tomlkit.table()
            document.add(".".join(table), holder)
        if names == ORG_NUMBER:
            holder.add(tomlkit.comment(t(_ORG_NUMBER_COMMENTS[config.setup])))
        is_long = isinstance(value, list) and len(value) > _MOST_ON_ONE_LINE
        holder.add(names[-1], tomlkit.value(encode(value, is_long=is_long)))
    return tomlkit.dumps(document)


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


def settings_of(config: Config) -> dict[Names, Value | None]:
    """Return all settings in the order of the file, with None for those that are absent."""
    return {
        ("schema_version",): SCHEMA_VERSION,
        ENVIRONMENT: str(config.environment),
        BASE_URL: config.base_url,
        ("tripletex", "application"): config.application,
        SETUP: str(config.setup),
        ORG_NUMBER: config.org_number,
        CLIENTS: list(config.clients) or None,
        ("credentials", "employee_token"): _table_of(config.employee_token),
        ("credentials", "consumer_token"): _table_of(config.consumer_token),
        ("key", "id"): config.key_id,
        ("key", "installed"): config.installed,
        ("key", "company_id"): config.company_id,
        ("key", "previous"): _table_of(config.previous),
    }


def _table_of(reference: Reference | None) -> ReferenceTable | None:
    if reference is None:
        return None
    kind, value = reference_value(reference)
    return {kind: value}
