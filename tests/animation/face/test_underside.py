import cv2
import numpy as np
import pytest

from avatarify.animation.face.puppet import FacePuppet
from avatarify.animation.face.underside import Underside
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.geometry.face_mesh import MESH_COUNT, OVAL
from avatarify.geometry.face_motion import neck_joint
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity, rotation_from_vector
from tests.animation.face.round_heads import SKIN, oval_of, round_head

# The outline's vertices 0 and 1, and one below each of them, 2 and 3: a jaw's edge 2 pixels high.
REST = np.array([[10.0, 50.0, 0.0], [20.0, 50.0, 0.0], [10.0, 52.0, 4.0], [20.0, 52.0, 4.0]])
TRIANGLES = np.array([[0, 1, 2], [1, 3, 2]], np.int32)
OUTLINE = np.array([0, 1, 0, 1])
CORNERS = REST[TRIANGLES][:, :, :2]

MOUTH_CORNERS, CHIN_RAYS = [61, 291], range(13, 24)
DARK = (20, 20, 20)


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
    assert np.abs(np.diff(heights)).max() < 1.5  # pixels, for a quarter of a pixel of the edge
    assert (np.diff(heights) <= 0.0).all()


@pytest.mark.parametrize("jaw", [0.0, 0.5])
def test_hair_is_not_mirrored(jaw: float) -> None:
    moved = REST.copy()
    moved[2:, 1] += 10.0
    way = underside(jaw).seen(CORNERS, moved, 1.0) - CORNERS
    np.testing.assert_allclose(way, jaw * (underside().seen(CORNERS, moved, 1.0) - CORNERS))


@pytest.mark.parametrize("degrees", [(0.0, 25.0), (0.0, -25.0), (-20.0, 0.0)])
def test_below_a_turned_jaw_a_portrait_shows_its_skin(degrees: tuple[float, float]) -> None:
    """What is dark behind a jaw, and its mixture with the edge, is not drawn out into streaks."""
    size = (400, 400)
    face = np.asarray(face_in_the_middle(size), np.float64)
    person = round_head(face, size)
    inside = cv2.fillPoly(np.zeros(size, np.uint8), [oval_of(face)], 1) > 0
    below = np.arange(size[0])[:, None] > face[MOUTH_CORNERS, 1].max()
    person[~inside & below & (person[..., 3] > 0), :3] = DARK
    person = np.asarray(cv2.GaussianBlur(person, (0, 0), 1.0), np.uint8)
    puppet = FacePuppet(
        np.ascontiguousarray(person[..., :3]),
        face,
        person[..., 3].copy(),
        np.zeros_like(person[..., :3]),
    )
    rotation = rotation_from_vector(np.radians([*degrees, 0.0]))
    joint = neck_joint(face)
    head = Similarity(1.0, rotation, joint - rotation @ joint)
    found = puppet.motion(MovedFace(head.apply(face), head))
    on_jaw = {MESH_COUNT + ring * len(OVAL) + ray for ring in range(3) for ray in CHIN_RAYS}
    is_below = np.array([set(corners) <= on_jaw for corners in puppet.sheet.triangles.tolist()])
    rows, columns = np.nonzero(is_below[found.label] & (found.label >= 0))
    maps = found.maps[found.label[rows, columns]].reshape(-1, 2, 3)
    here = np.stack([found.left + 2 * columns + 1, found.top + 2 * rows + 1, np.ones_like(rows)])
    x, y = np.round(np.einsum("nij,jn->in", maps, here) - 0.5).astype(int)
    assert len(rows) > 20
    assert (person[y, x, 0] > 0.9 * SKIN[0]).mean() > 0.9
