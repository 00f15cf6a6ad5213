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


def print_table(rows: Sequence[Row]) -> None:
    print("\n| measure | ours | must | met | ratio to the engine alone |")
    print("|---|--:|--:|---|--:|")
    for row in rows:
        limit = "" if row.limit is None else f"{'≥' if row.at_least else '≤'} {row.limit:,.0f} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        print(f"| {row.name} | {row.value:,.1f} {row.unit} | {limit} | {row.verdict} | {ratio} |")
