"""How unevenly something is spread: the share of the busiest, and the Gini coefficient.

Source: Gini 1912, in the form G = (2 · Σ i·x_i) / (n · Σ x_i) - (n + 1) / n over the ascending x. Unit: 0 where everyone has the same,
(n - 1) / n where one has everything.
"""

from collections.abc import Iterable


def gini(counts: Iterable[int]) -> float:
    """Return the Gini coefficient of some counts, those of zero included. Raises ValueError where all are zero."""
    ordered = sorted(counts)
    total = sum(ordered)
    if not total:
        raise ValueError("nothing is not spread over anybody")
    weighted = sum(rank * count for rank, count in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def share_of_busiest(counts: Iterable[int], number: int) -> float:
    """Return the share that the ``number`` largest counts have of all. Raises ValueError where all are zero."""
    ordered = sorted(counts, reverse=True)
    if not sum(ordered):
        raise ValueError("nothing has no share")
    return sum(ordered[:number]) / sum(ordered)
