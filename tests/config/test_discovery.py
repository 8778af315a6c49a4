"""Which files a command line means, and lists of organisation numbers."""

import os
from pathlib import Path

import pytest

from tests.config.texts import ids
from tests.support.users import NOBODY, open_folder, ordinary_user
from wizard.cli import flags
from wizard.config.discovery import ANSWERS, NothingFound, find_configs
from wizard.config.number_list import NotAList, read_numbers
from wizard.config.reading import read_config
from wizard.text import Texts


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_stands_for_the_sorted_configs_below_it(tmp_path: Path) -> None:
    make(
        tmp_path,
        "b.toml",
        "a/z.toml",
        "a/b/c.toml",
        "c.TOML",
        "d.toml.bak-20260101-000000",
        "e.txt",
        "f.toml/g.toml",
    )
    assert [str(path.relative_to(tmp_path)) for path in find_configs([tmp_path])] == [
        "a/b/c.toml",
        "a/z.toml",
        "b.toml",
        "f.toml/g.toml",
    ]


def test_hidden_files_and_folders_are_skipped_unless_named(tmp_path: Path) -> None:
    make(tmp_path, "a.toml", ".b.toml", ".git/c.toml", ".a.toml.lock")
    assert find_configs([tmp_path]) == [tmp_path / "a.toml"]
    assert find_configs([tmp_path / ".git", tmp_path / ".b.toml"]) == [
        tmp_path / ".git" / "c.toml",
        tmp_path / ".b.toml",
    ]


def test_arguments_keep_their_order_and_nothing_is_listed_twice(tmp_path: Path) -> None:
    make(tmp_path, "a.toml", "b.toml", "c.txt")
    a, b, c = (tmp_path / name for name in ("a.toml", "b.toml", "c.txt"))
    assert find_configs([c, b, tmp_path, a]) == [c, b, a]


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    make(tmp_path, "site/a.toml", "elsewhere/b.toml")
    site = tmp_path / "site"
    (site / "loop").symlink_to(site)
    (site / "up").symlink_to(tmp_path)
    (site / "other").symlink_to(tmp_path / "elsewhere")
    (site / "again").symlink_to(tmp_path / "elsewhere")
    (site / "c.toml").symlink_to("a.toml")
    assert find_configs([site]) == [site / "a.toml", site / "again" / "b.toml", site / "c.toml"]


def test_an_unreadable_file_is_listed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    found = find_configs([tmp_path])
    assert [ids(read_config(path)) for path in found] == [["TW110"], ["TW516"]]


def test_an_unreadable_folder_is_reported() -> None:
    with open_folder(NOBODY) as folder:
        make(folder, "a.toml", "closed/b.toml", "listed/c.toml")
        (folder / "closed").chmod(0)
        (folder / "listed").chmod(0o444)
        with ordinary_user():
            found = find_configs([folder])
            assert [path.name for path in found] == ["a.toml", "closed", "c.toml"]
            assert [ids(read_config(path))[-1] for path in found[1:]] == ["TW516", "TW516"]
            assert find_configs([folder / "closed" / "b.toml"]) == [folder / "closed" / "b.toml"]
        (folder / "closed").chmod(0o700)
        (folder / "listed").chmod(0o700)


def test_a_missing_path_is_reported(tmp_path: Path) -> None:
    make(tmp_path, "a.toml")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    for path in (tmp_path / "none", tmp_path / "a.toml" / "b.toml", tmp_path / "gone.toml"):
        with pytest.raises(NothingFound) as caught:
            find_configs([tmp_path, path])
        assert caught.value.message(Texts("en")) == f"{path} does not exist."


def test_a_folder_without_configs_is_not_called_valid(tmp_path: Path) -> None:
    make(tmp_path, "full/a.toml", "empty/readme.txt", "empty/.hidden.toml")
    with pytest.raises(NothingFound) as caught:
        find_configs([tmp_path / "full", tmp_path / "empty"])
    assert str(tmp_path / "empty") in caught.value.message(Texts("en"))


def test_an_answers_file_is_not_a_config(tmp_path: Path) -> None:
    assert {answer.name for answer in flags._ANSWERS} == ANSWERS
    said = 'environment = "test"\nsetup = "bureau-client"\nclients = ["974760673"]\n'
    said += 'employee_token = { env = "K" }\n'
    (tmp_path / "answers.toml").write_text(said, encoding="utf-8-sig")
    with pytest.raises(NothingFound):
        find_configs([tmp_path])
    for name, text in {"a": "", "b": "x = [", "c": "[finale]\n", "d": f"{said}schema_version = 1\n"}.items():
        (tmp_path / f"{name}.toml").write_text(text)
    assert [path.stem for path in find_configs([tmp_path])] == ["a", "b", "c", "d"]
    assert find_configs([tmp_path / "answers.toml"]) == [tmp_path / "answers.toml"]


A, B, C = "974760673", "971032146", "914286018"
LONG = "x" * 140_000
UNDERSTOOD = {
    "lines": f"{A}\n{B}\n{C}\n",
    "by a person": f"\n# kunder\n974 760 673\nNO {B} MVA\n{C}  # Tripletex",
    "no header": f"1,{A}\n2,{B}\n3,{C}\n",
    "several on a line": f"{A}, {B}\n{C}\n",
    "header": f"Navn;Orgnr\nBrønnøysund;{A}\nKS;{B}\nTripletex;{C}\n",
    "header first": f"Org.nr.;Navn\n{A};B\n{B};K\n{C};T\n",
    "header in the middle": f"Kunde-id\tOrganisasjonsnummer\tNavn\n1\t{A}\ta\n2\t{B}\tb\n3\t{C}\tc\n",
    "English header": f"Name,Organization Number\nA,{A}\nB,{B}\nC,{C}\n",
    "header among titles": f"Klienter per 01.01.2026;;\n;;\nNr;Navn;Org. nr\n1;a;{A}\n2;b;{B}\n3;c;{C}\n;;\n",
    "header of our own": f"Hvem;Hva\na;{A}\nb;{B}\nc;{C}\n",
    "another company's number beside it": f"Orgnr;Mor\n{A};{C}\n{B};{C}\n{C};\n",
    "quoted": f'"orgnr","navn"\n"{A}","Brønn, øysund"\n"{B}","K ""S"""\n"{C}",""\n',
    "quoted with blanks": f'"navn"; "orgnr"\n"a;b"; "{A}"\n"c"; "{B}"\nd; {C}\n',
    "whole rows quoted": f'"Orgnr;Navn"\n"{A};a, b"\n"{B};""K"" S"\n"{C};c"\n',
    "whole rows quoted, with commas": f'"Navn,Orgnr"\n\n"a,{A}"\n"b,{B}"\n"c,{C}"\n',
    "one quoted column": '"974,760,673"\n"971,032,146"\n"914,286,018"\n',
    "a cell of two lines": f'orgnr;adresse\n{A};"Gate 1\n0150 Oslo"\n{B};x\n{C};y\n',
    "a stray quotation mark": f'Navn;Orgnr\n"Kari AS;{A}\n"Per AS;{B}\nOla 24" AS;{C}\n',
    "a quotation mark to the end": f'Orgnr;Navn\n{A};"Kari\n{B};Per\n{C};Ola\n',
    "decimal point": f"Orgnr;Navn\n{A}.0;a\n{B}.00;b\n{C};c\n",
    "decimal comma": f"Orgnr;Navn\n{A},00;a\n{B},0;b\n{C};c\n",
    "decimal comma alone": f"{A},00\n{B},00\n{C},00\n",
    "thousands": "Orgnr;Navn\n974 760 673,00;a\n971.032.146;b\n914'286'018;c\n",
    "thousands in English": 'Orgnr,Name\n"974,760,673",a\n"971,032,146.0",b\n"914,286,018",c\n',
    "as text": f"Orgnr;Navn\n'{A};a\n=\"{B}\";b\n'{C}';c\n",
    "no-break spaces": "974\u00a0760\u00a0673\n971\u202f032\u202f146\n\u00a0914\u00a0286\u00a0018\u00a0\n",
    "sep line": f"sep=|\nNavn|Orgnr\na|{A}\nb|{B}\nc|{C}\n",
    "old Mac": f"Orgnr;Navn\r{A};a\r{B};b\r{C};c\r",
    "a long cell": f'Orgnr;Navn\n{A};{LONG}\n{B};"{LONG}"\n{C};c\n',
    "names that begin with a number sign": f"Navn;Orgnr\n#1 Bakeri AS;{A}\n# kunde;ukjent\n#to;{B}\nc;{C}\n",
    "rows numbered with a number sign": f"#\tOrgnr\tNavn\n#1\t{A}\ta\n#2\t{B}\tb\n#3\t{C}\tc\n",
    "rows taken out": f"Orgnr;Navn\n{A};a\n#310000027;b\n# b;310000027\n{B};b\n{C};c\n",
    "the same number twice": f"Orgnr;Foretaksnr\n{A};{A}\n{B};\n{C};{C}\n",
    "a row for each, twice": f"Orgnr\n{A}\n{B}\n{A}\n{C}\n",
}
NAMED = {
    "a digit short": (f"Orgnr;Navn\n{A};A\n31000001;B\n", [("TW201", 3)]),
    "digits swapped": (f"Navn;Orgnr\nA;{A}\nB;974760637\n", [("TW202", 3)]),
    "as a power of ten": (f"Orgnr;Navn\n{A};A\n9,71E+08;B\n9.71032146E8;C\n", [("TW201", 3), ("TW201", 4)]),
    "no number": (f"Orgnr;Navn\n{A};A\n;B\nsøkes;C\n", [("TW203", 3), ("TW201", 4)]),
    "a national identity number": (f"{A}\n01017012345\n", [("TW205", 2)]),
    "the same, from a spreadsheet": (f"Orgnr;Navn\n{A};A\n01017012345,00;B\n", [("TW201", 3)]),
    "in the other column": (f"Orgnr;Navn\n{A};A\nA;{B}\n", [("TW201", 3)]),
    "without a header": (f"{A};A\n31000001;B\n;C\n", [("TW201", 2), ("TW203", 3)]),
    "a total": (f"Navn;Orgnr\nA;{A}\nAntall;1\n", [("TW201", 3)]),
    "some rows quoted whole": (f'Orgnr\n"{A};{B}"\n{C}\n', [("TW201", 2)]),
    "above the header": (f"A;97476067\nx;{A}\nNavn;Orgnr\nB;{B}\n", [("TW201", 1)]),
    "in a text that runs on": (f'Navn;Orgnr\n"A;31000001\nB";{B}\n', [("TW201", 2)]),
    "lines of a person": (f"{A}\n974760674\n97476\n", [("TW202", 2), ("TW201", 3)]),
}


def numbers_in(tmp_path: Path, data: bytes, name: str = "list.csv") -> tuple[str, ...]:
    path = tmp_path / name
    path.write_bytes(data)
    found = read_numbers(path)
    return tuple(f"{each.code.id} {each.position}" for each in found.findings) or found.numbers


def test_lists_of_people_and_spreadsheets_are_read(tmp_path: Path) -> None:
    encodings = (
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
        *("utf-32", "utf-32-le", "utf-32-be", "cp1252"),
    )
    wrong = [
        (name, encoding, found)
        for name, text in UNDERSTOOD.items()
        for encoding in encodings
        for end in ("\n", "\r\n")
        if not (encoding == "cp1252" and "\u202f" in text)
        if not (encoding != "utf-8" and LONG in text)
        if (found := numbers_in(tmp_path, text.replace("\n", end).encode(encoding))) != (A, B, C)
    ]
    assert wrong == []


def test_an_unreadable_row_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    for name, (text, expected) in NAMED.items():
        path.write_text(text)
        found = read_numbers(path)
        assert [(f.code.id, f.position.line if f.position else 0) for f in found.findings] == expected, name


def test_a_config_or_a_toml_list_is_not_a_list_of_numbers(tmp_path: Path) -> None:
    text = f'[finale]\nclients = [\n  "{A}",\n  {B},\n  "{C}", "{A}",\n]'
    assert numbers_in(tmp_path, text.encode(), "list.toml") == (A, B, C)
    assert numbers_in(tmp_path, f'clients = ["{A}",\n"12"]'.encode(), "LIST.TOML") == (
        "TW201 Position(line=2, column=1)",
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("list.xlsx", b"PK\x03\x04and more"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("list.toml", b'clients = ["' + A.encode()),
        ("list.csv", f"{A};{B};x\n{B};{C};y\n".encode()),
        ("list.csv", f"Orgnr;Klient;Klientorgnr\n{A};x;{B}\n{A};y;{C}\n".encode()),
    ],
)
def test_a_file_that_cannot_be_a_list_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(NotAList):
        numbers_in(tmp_path, data, name)
