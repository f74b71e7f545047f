"""Statistics of drift from bins alone, so that anyone who holds the bins can compute them again.

Population stability index and Jensen-Shannon distance compare shares: of categories, or of the values of a numeric
column in about twenty groups of equal size in the reference (its own values, where it has no more). Kolmogorov and
Smirnov's test and the Wasserstein distance read the cells directly. The chi-square test is of homogeneity: both sides
are samples (Evidently takes the reference for the truth).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from airtight.domain.control import CellValue
from airtight.domain.monitor import Method

Bins = Mapping[str, CellValue]
Numbers = npt.NDArray[np.float64]

#: Groups of a numeric column for PSI and Jensen-Shannon.
GROUPS = 20
#: Share that an empty group counts as in PSI, which has no value at zero.
EMPTY = 0.0001
#: Cells of fewer rows do not tell their sum: it would tell the value of somebody's row.
TELLING = 10
_SMALLEST_DEVIATION = 0.001


def statistic(method: Method, bins: Bins) -> float:
    """The figure of a method; not finite where the bins do not allow one."""
    with np.errstate(all="ignore"):
        return float(_METHODS[method](bins))


def missing_rise(bins: Bins) -> float:
    """How much larger a share of the data is without a usable value than of the reference."""
    return _unusable(bins, "cur") - _unusable(bins, "ref")


def _unusable(bins: Bins, side: str) -> float:
    rows, usable = (int(str(bins[f"{side}_{name}"])) for name in ("rows", "usable"))
    return 1 - usable / rows if rows else 1.0


def _psi(bins: Bins) -> float:
    reference, current = (np.where(share == 0, EMPTY, share) for share in _shares(bins))
    return float(np.sum((reference - current) * np.log(reference / current)))


def _jensen_shannon(bins: Bins) -> float:
    reference, current = _shares(bins)
    middle = (reference + current) / 2
    divergence = sum(np.sum(side * np.log(np.where(side > 0, side / middle, 1))) for side in (reference, current)) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def _kolmogorov_smirnov(bins: Bins) -> float:
    """The p-value, by the limiting distribution, as scipy's ``ks_2samp(method="asymp")``."""
    from scipy.stats import kstwo  # type: ignore[import-untyped]

    reference, current = _counts(bins)
    difference = kolmogorov_distance(bins)
    sizes = reference.sum() * current.sum() / (reference.sum() + current.sum())
    return float(np.clip(kstwo.sf(difference, np.round(sizes)), 0, 1))


def kolmogorov_distance(bins: Bins) -> float:
    """The largest difference of the cumulative shares."""
    reference, current = _counts(bins)
    return float(np.max(np.abs(np.cumsum(reference) / reference.sum() - np.cumsum(current) / current.sum())))


def _wasserstein(bins: Bins) -> float:
    """The distance in standard deviations of the reference.

    In each interval the difference of the cumulative shares is integrated exactly, from counts and sums; where it
    changes its sign inside an interval, the figure is smaller than the distance by that much.
    """
    edges = np.array(bins["edges"], dtype=float)
    below = [np.cumsum(side) / side.sum() for side in _counts(bins)]
    parts = [_areas(edges, side / side.sum(), total, _means(bins, name)) for side, total, name in _sides(bins, below)]
    distance = np.sum(np.abs(parts[0] - parts[1]))
    return float(distance / max(float(str(bins["ref_deviation"])), _SMALLEST_DEVIATION))


def _sides(bins: Bins, below: list[Numbers]) -> list[tuple[Numbers, Numbers, str]]:
    reference, current = _counts(bins)
    return [(reference, below[0], "ref"), (current, below[1], "cur")]


def _areas(edges: Numbers, shares: Numbers, below: Numbers, means: Numbers) -> Numbers:
    """The area under the cumulative share in each open cell; in the last one, the area above it, negative."""
    inside = shares[0::2]
    areas = inside * (np.append(edges, edges[-1]) - means)
    areas[1:-1] += below[1:-2:2] * np.diff(edges)
    return areas


def _means(bins: Bins, side: str) -> Numbers:
    """The mean of each open cell; where it is not told: the middle of the interval, the outermost edge."""
    edges = np.array(bins["edges"], dtype=float)
    middles = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    told = bins[f"{side}_means"]
    assert isinstance(told, list)  # noqa: S101  written by ``drift``
    return np.array([middle if mean is None else mean for mean, middle in zip(told, middles, strict=True)], dtype=float)


def _chi_square(bins: Bins) -> float:
    from scipy.stats import chi2

    reference, current = (side.astype(float) for side in _grouped(bins))
    both = reference + current
    reference, current, both = (side[both > 0] for side in (reference, current, both))
    if len(both) < 2:
        return 1.0
    expected = [both * side.sum() / both.sum() for side in (reference, current)]
    distance = sum(np.sum((s - e) ** 2 / e) for s, e in zip((reference, current), expected, strict=True))
    return float(chi2.sf(distance, len(both) - 1))


def _shares(bins: Bins) -> tuple[Numbers, Numbers]:
    reference, current = _grouped(bins)
    return reference / reference.sum(), current / current.sum()


def _grouped(bins: Bins) -> tuple[Numbers, Numbers]:
    """Counts of both sides by category, or by group of cells; groups that are empty on both sides are left out."""
    reference, current = _counts(bins)
    if "edges" in bins:
        starts = _group_starts(reference)
        reference, current = np.add.reduceat(reference, starts), np.add.reduceat(current, starts)
    kept = (reference + current) > 0
    return reference[kept], current[kept]


def _group_starts(reference: Numbers) -> npt.NDArray[np.int64]:
    """Where groups of cells begin: each cell, for few distinct values; else after each twentieth of the reference."""
    if len(reference) <= 2 * GROUPS + 1:
        return np.arange(len(reference))
    before = np.concatenate([[0.0], np.cumsum(reference)[:-1]]) / reference.sum()
    group = np.minimum((before * GROUPS).astype(int), GROUPS - 1)
    return np.flatnonzero(np.diff(group, prepend=-1))


def _counts(bins: Bins) -> tuple[Numbers, Numbers]:
    if "edges" in bins:
        return np.array(bins["ref"], dtype=float), np.array(bins["cur"], dtype=float)
    named, rare = bins["named"], bins["rare"]
    assert isinstance(named, list)  # noqa: S101  written by ``drift``
    assert isinstance(rare, list)  # noqa: S101
    counted = [entry[1:] for entry in named if isinstance(entry, list)] + [rare, [0, bins["new"]]]
    reference, current = np.array(counted, dtype=float).T
    return reference, current


_METHODS: Mapping[Method, Callable[[Bins], float]] = {
    Method.PSI: _psi,
    Method.JENSEN_SHANNON: _jensen_shannon,
    Method.KOLMOGOROV_SMIRNOV: _kolmogorov_smirnov,
    Method.WASSERSTEIN: _wasserstein,
    Method.CHI_SQUARE: _chi_square,
}
