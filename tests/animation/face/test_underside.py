import numpy as np
import pytest

from avatarify.animation.face.underside import Underside

# The outline's vertices 0 and 1, and one below each of them, 2 and 3: a jaw's edge 2 pixels high.
REST = np.array([[10.0, 50.0, 0.0], [20.0, 50.0, 0.0], [10.0, 52.0, 4.0], [20.0, 52.0, 4.0]])
TRIANGLES = np.array([[0, 1, 2], [1, 3, 2]], np.int32)
OUTLINE = np.array([0, 1, 0, 1])
CORNERS = REST[TRIANGLES][:, :, :2]


def underside(jaw: float = 1.0) -> Underside:
    return Underside(REST, TRIANGLES, OUTLINE, np.full(4, jaw))


def test_what_is_as_narrow_as_at_rest_looks_where_it_is() -> None:
    np.testing.assert_array_equal(underside().seen(CORNERS, REST, 1.0), CORNERS)
    larger = 3.0 * REST + (7.0, -4.0, 0.0)
    np.testing.assert_allclose(underside().seen(CORNERS, larger, 3.0), CORNERS)


def test_what_comes_into_view_is_the_skin_above_the_edge() -> None:
    moved = REST.copy()
    moved[2:, 1] += 10.0
    seen = underside().seen(CORNERS, moved, 1.0)
    below = TRIANGLES >= 2
    np.testing.assert_array_equal(seen[~below], CORNERS[~below])
    assert (seen[below][:, 1] < REST[0, 1]).all()  # in the face
    np.testing.assert_array_equal(seen[below][:, 0], CORNERS[below][:, 0])


def test_it_comes_gradually() -> None:
    heights = []
    for way in np.linspace(0.0, 12.0, 49):
        moved = REST.copy()
        moved[2:, 1] += way
        heights.append(underside().seen(CORNERS, moved, 1.0)[0, 2, 1])
    assert np.abs(np.diff(heights)).max() <= 0.25
    assert (np.diff(heights) <= 0.0).all()


@pytest.mark.parametrize("jaw", [0.0, 0.5])
def test_hair_is_not_mirrored(jaw: float) -> None:
    moved = REST.copy()
    moved[2:, 1] += 10.0
    way = underside(jaw).seen(CORNERS, moved, 1.0) - CORNERS
    np.testing.assert_allclose(way, jaw * (underside().seen(CORNERS, moved, 1.0) - CORNERS))
