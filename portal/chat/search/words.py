"""What a text is found by: the words of a message as PostgreSQL's tsvector, and those of a search as its tsquery.

Both are made here and by the same rules, whatever the database's locale: Unicode's compatible forms, folded case, Latin
letters without their accents. Where a script puts no spaces between words (Chinese, Japanese, Thai and others), each
two neighbouring characters are a word, so that every part of a sentence is found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# PostgreSQL takes a tsvector of at most 1 MB; what comes after so many characters of a message is not found.
MOST_CHARACTERS = 200_000
MOST_WORDS = 30_000
LONGEST_WORD = 64
# So often a word's place is noted; more would not change its weight.
MOST_PLACES = 8
LAST_PLACE = 16_383
MOST_TERMS = 12
# Shorter beginnings would be those of too many words; of other scripts than ours two letters say more.
SHORTEST_BEGINNING, SHORTEST_OF_OTHERS = 3, 2

# Han with its extensions, Kana, Thai, Lao, Myanmar, Khmer: no spaces between words.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Vowel signs and other marks of the Indic scripts and Tibetan, which belong to their words.
_MARKS = "\u0900-\u0963\u0966-\u0dff\u0f18-\u0f84"
# Accents of Latin, Greek and Cyrillic letters, points of Hebrew, vowels of Arabic: often left out.
_LEFT_OUT = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670"
PIECE = re.compile(rf"[{_UNSPACED}]+|(?:[^\W{_UNSPACED}]|[{_MARKS}{_LEFT_OUT}])+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_ACCENTS = re.compile(rf"[{_LEFT_OUT}]")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a search; ``is_beginning``: longer words that begin with it count too."""

    text: str
    is_beginning: bool
    is_unspaced: bool = False

    def matches(self, word: str) -> bool:
        return word.startswith(self.text) if self.is_beginning else word == self.text


def folded(text: str) -> str:
    """As it is compared."""
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold())


def words(text: str) -> Iterator[str]:
    """In their order; those of an unspaced script overlap."""
    for piece in PIECE.finditer(folded(text)):
        found = piece[0]
        if not _IS_UNSPACED.match(found):
            yield found[:LONGEST_WORD]
            continue
        for place in range(len(found) - 1):
            yield found[place : place + 2]
        # The last one begins no pair, and is looked for alone.
        yield found[-1]


def vector(text: str, *labels: str) -> str:
    """The text of a tsvector: the words with their places, and labels, which no word is like."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words(text[:MOST_CHARACTERS]), 1):
        known = places.get(word)
        if known is None:
            if len(places) == MOST_WORDS:
                break
            known = places[word] = []
        if len(known) < MOST_PLACES:
            known.append(min(place, LAST_PLACE))
    found = [f"'{word}':{','.join(map(str, known))}" for word, known in places.items()]
    return " ".join([*found, *(f"'{label}'" for label in labels)])


def terms(searched: str) -> list[Term]:
    """The words of a search, each once."""
    found: dict[str, Term] = {}
    for piece in PIECE.finditer(folded(searched)):
        text = piece[0]
        if not _IS_UNSPACED.match(text):
            word = text[:LONGEST_WORD]
            least = SHORTEST_BEGINNING if word.isascii() else SHORTEST_OF_OTHERS
            found.setdefault(word, Term(word, is_beginning=len(word) >= least))
        elif len(text) == 1:
            found.setdefault(text, Term(text, is_beginning=True, is_unspaced=True))
        else:
            for place in range(len(text) - 1):
                pair = text[place : place + 2]
                found.setdefault(pair, Term(pair, is_beginning=False, is_unspaced=True))
    return list(found.values())[:MOST_TERMS]


def query(found: list[Term], *labels: str) -> str:
    """The text of a tsquery: all of the terms and all of the labels."""
    parts = [f"'{term.text}'{':*' if term.is_beginning else ''}" for term in found]
    return " & ".join([*(f"'{label}'" for label in labels), *parts])
