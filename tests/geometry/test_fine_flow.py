import numpy as np
import pytest

from avatarify.geometry.fine_flow import enlarged_flow


def _identity(height: int, width: int, step: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x, y], axis=-1).astype(np.float32) * step


def test_an_unmoved_flow_stays_exact_away_from_the_rim() -> None:
    fine, edges = enlarged_flow(_identity(12, 16, 2), 2)
    assert edges is None
    np.testing.assert_allclose(fine[4:-4, 4:-4], _identity(24, 32, 1)[4:-4, 4:-4], atol=1e-4)


def test_nothing_is_looked_up_between_two_sides_of_a_silhouette() -> None:
    flow = _identity(12, 16, 2)
    flow[:, 8:] += (100.0, 0.0)
    fine, edges = enlarged_flow(flow, 2)
    assert edges is not None
    assert set(np.flatnonzero(edges[10])) <= set(range(12, 20))
    left, right = fine[:, :16, 0], fine[:, 16:, 0]
    assert left.max() <= 16.5
    assert right.min() >= 115.0


@pytest.mark.parametrize("shape", [(1, 6), (6, 1), (1, 1)])
def test_a_single_row_or_column_is_enlarged(shape: tuple[int, int]) -> None:
    """A sliver of mirrored skin may be one grid point wide."""
    fine, edges = enlarged_flow(_identity(*shape, 2), 2)
    assert edges is None
    assert fine.shape == (2 * shape[0], 2 * shape[1], 2)
    assert np.isfinite(fine).all()
