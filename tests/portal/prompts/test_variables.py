"""Variables of prompts: what they may be, and what is said of those that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import Invalid
from portal.prompts.variables import Piece, Variable, pieces_of

PLAIN = st.text(max_size=40).filter(lambda text: "{{" not in text and not text.endswith(("\\", "{")))


def variables(text: str) -> list[Variable]:
    return pieces_of(text)[1]


def test_each_kind() -> None:
    text = "{{customer}} ({{ ship to : Rotterdam }}): {{letter|long}} {{due|date:today}} {{tone|choice:formal|short}}"
    assert variables(text) == [
        Variable("customer"),
        Variable("ship to", default="Rotterdam"),
        Variable("letter", "long"),
        Variable("due", "date", "today"),
        Variable("tone", "choice", "formal", ("formal", "short")),
    ]


def test_a_name_asks_once_however_often_it_stands() -> None:
    pieces, found = pieces_of("{{name:Ann}} and {{name}} and {{name:Ann}}")
    assert found == [Variable("name", default="Ann")]
    assert [piece.variable for piece in pieces if piece.variable] == ["name"] * 3


def test_escaped_braces_are_text() -> None:
    assert pieces_of(r"a \{{b}} {{c}}") == ([Piece("a {{b}} "), Piece(variable="c")], [Variable("c")])


def test_names_are_of_any_script() -> None:
    assert variables("{{الاسم}} {{客户}} {{größe}}") == [Variable("الاسم"), Variable("客户"), Variable("größe")]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("one\n{{open", 2, "no “}}”"),
        ("{{a\n}}", 1, "no “}}”"),
        ("{{a {{b}}", 1, "no “}}”"),
        ("{{}}", 1, "has a name"),
        ("{{ : x}}", 1, "has a name"),
        ("{{<b>}}", 1, "has a name"),
        ("{{" + "n" * 41 + "}}", 1, "has a name"),
        ("{{a|colour}}", 1, "kind is one of text, long, choice, date"),
        ("{{a|}}", 1, "kind is one of"),
        ("{{a|choice}}", 1, "name 2 to 20 choices"),
        ("{{a|choice:one}}", 1, "name 2 to 20 choices"),
        ("{{a|choice:one|one}}", 1, "name 2 to 20 choices"),
        ("{{a|date:soon}}", 1, "default of a date"),
        ("{{a|date:20261231}}", 1, "default of a date"),
        ("{{a:" + "x" * 1001 + "}}", 1, "default is too long"),
        ("{{a:x}}\n\n{{a:y}}", 3, "described twice"),
        (" ".join(f"{{{{v{number}}}}}" for number in range(21)), 1, "more than 20"),
    ],
)
def test_a_bad_one_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        pieces_of(text)
    assert (refused.value.code, refused.value.details) == ("bad_variable", {"field": "text", "line": line})
    assert said in refused.value.message


@given(st.lists(PLAIN, min_size=1, max_size=6))
def test_pieces_put_together_again_are_the_text(parts: list[str]) -> None:
    text = "".join(f"{part}{{{{v{number}:d}}}}" for number, part in enumerate(parts))
    pieces, found = pieces_of(text)
    assert "".join(piece.text or f"{{{{{piece.variable}:d}}}}" for piece in pieces) == text
    assert [variable.name for variable in found] == [f"v{number}" for number in range(len(parts))]
