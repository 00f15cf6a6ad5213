"""How many tokens a text takes, about: for where no engine has counted it yet. The browser estimates the same way."""

# English prose in the vocabularies of current models, and the scripts that they split finer.
CHARACTERS_A_TOKEN = 4
TOKENS_A_FOREIGN_CHARACTER = 0.8


def about(text: str) -> int:
    foreign = 0 if text.isascii() else sum(character > "\x7f" for character in text)
    plain = len(text) - foreign
    return -(-plain // CHARACTERS_A_TOKEN) + round(foreign * TOKENS_A_FOREIGN_CHARACTER)
