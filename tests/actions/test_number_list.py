"""Lists of organisation numbers as people write them."""

from pathlib import Path

import pytest

from wizard.actions.number_list import read_numbers

A, B, C = "974760673", "971032146", "914286018"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("list.txt", f"{A}\n{B}\n{C}\n", id="lines"),
        pytest.param("list.txt", f"\n# kunder\n974 760 673\nNO {B} MVA\n{C}", id="written by a person"),
        pytest.param("list.csv", f"Navn;Orgnr\nBrønnøysund;{A}\nKS;{B}\nTripletex;{C}\n", id="semicolons"),
        pytest.param(
            "list.csv", f'"orgnr","navn"\n"{A}","Brønn, øysund"\n"{B}","KS"\n"{C}",""\n', id="quoted"
        ),
        pytest.param("list.csv", f"1,{A}\n2,{B}\n3,{C}\n", id="no header"),
        pytest.param("list.csv", f"\ufeff{A}\t x\r\n{B}\t y\r\n{C}\tz\r\n", id="tabs, BOM and CRLF"),
        pytest.param("list.toml", f'clients = ["{A}", "{B}", "{C}"]', id="TOML"),
        pytest.param("list.toml", f'[finale]\nclients = ["{A}", "{B}", "{C}", "{A}"]', id="a config"),
    ],
)
def test_the_numbers_are_found(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = read_numbers(path)
    assert found.numbers == (A, B, C)
    assert not found.findings


def test_what_excel_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(f"Navn;Orgnr\r\nBrønnøysund;{A}\r\n".encode("cp1252"))
    assert read_numbers(path).numbers == (A,)


def test_a_number_gone_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{A}\n974760674\n97476\n01017012345\n")
    found = read_numbers(path)
    assert found.numbers == (A,)
    assert [(f.code.id, f.place.line if f.place else 0) for f in found.findings] == [
        ("TW202", 2),
        ("TW201", 3),
        ("TW205", 4),
    ]
