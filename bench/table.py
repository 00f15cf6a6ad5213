from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure; ``ratio`` is ours over the engine asked directly in the same run."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        met = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "yes" if met else "NO"

    def amount(self, value: float) -> str:
        """A value in this row's unit: whole numbers as they are, small ones to two places."""
        places = 0 if float(value).is_integer() else 2 if value < 10 else 1
        return f"{value:,.{places}f} {self.unit}".rstrip()


def print_table(rows: Sequence[Row]) -> None:
    print("\n| measure | ours | must | met | ratio to the engine alone |")
    print("|---|--:|--:|---|--:|")
    for row in rows:
        limit = "" if row.limit is None else f"{'≥' if row.at_least else '≤'} {row.amount(row.limit)}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        print(f"| {row.name} | {row.amount(row.value)} | {limit} | {row.verdict} | {ratio} |")
