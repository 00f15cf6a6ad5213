"""`python -m tests.catalogues update` writes the catalogues anew; `check` fails where they and the code differ."""

import sys

from tests.catalogues.catalogues import problems, update

MOST_SHOWN = 40


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        update()
        return 0
    if arguments != ["check"]:
        print(__doc__)
        return 2
    found = list(problems())
    for problem in sorted(found)[:MOST_SHOWN]:
        print(problem)
    if found:
        print(f"{len(found)} problems. `python -m tests.catalogues update` writes them anew; translate what is empty.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
