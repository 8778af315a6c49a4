"""The seeded companies and keys."""

import base64
import json

import pytest
from stdnum.no import orgnr

from tests.support.rows import every_row
from tests.support.sandbox import demo_token, demo_world, world_with_clients


def test_organisation_numbers_are_valid_and_different_but_for_the_twins() -> None:
    world = world_with_clients(500)
    numbers = [company.organization_number for company in world.companies if company.organization_number]
    assert all(orgnr.is_valid(number) and number.startswith("3") for number in numbers)
    assert len(set(numbers)) == len(numbers) - 1
    assert world.twins[0].organization_number == world.twins[1].organization_number


def test_every_token_is_a_zero_uuid_with_a_number_of_its_own() -> None:
    world = demo_world()
    for key in world.keys:
        assert json.loads(base64.b64decode(key.employee_token)) == {
            "tokenId": key.token_id,
            "token": "00000000-0000-0000-0000-000000000000",
        }
    tokens = {key.employee_token for key in world.keys} | {world.consumer_token}
    assert len(tokens) == len(world.keys) + 1


def test_a_token_has_no_spaces_in_it() -> None:
    assert b" " not in base64.b64decode(demo_token(1))


def test_titles_tell_the_keys_apart() -> None:
    titles = [key.title for key in demo_world().keys]
    assert len(set(titles)) == len(titles)


def test_the_office_is_an_office_and_its_keys_are_office_keys() -> None:
    world = demo_world()
    offices = [company for company in world.companies if company.accountant_or_similar]
    assert offices == [world.office_company]
    owned = [key for key in world.keys if key.company_owned]
    assert owned == [world.office, world.office_second, world.office_figures]
    assert world.client_without_access not in world.clients


def test_rights_are_those_that_owner_and_key_share() -> None:
    world = demo_world()
    key = world.add_key("x", world.company, owner_rights=frozenset({1, 2}), rights=frozenset({2, 3}))
    assert key.effective_rights == {2}


@every_row("number", [5, 6, 1234])
def test_as_many_clients_as_wanted(number: int) -> None:
    assert len(world_with_clients(number).clients) == number


def test_not_fewer_clients_than_are_seeded() -> None:
    with pytest.raises(ValueError, match="already"):
        world_with_clients(4)
