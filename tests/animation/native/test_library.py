"""The compiled functions against OpenCV, which they replace."""

import _ctypes
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.animation.face.native_painter import NativePainter
from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import FacePuppet
from avatarify.animation.native import library as native
from avatarify.animation.native.build import SOURCES, build, compiler
from avatarify.animation.native.library import NativeLibrary, NativePicture
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.face_transfer import FaceTransfer
from avatarify.geometry.fine_flow import enlarged_flow
from avatarify.geometry.silhouette import NOWHERE, Surfaces
from avatarify.geometry.triangle_flow import affine_maps, draw_labels, look_up
from avatarify.media.image_file import read_image
from tests.geometry.silhouettes import SHAPE, STEP, in_front, triangle_before_wall

AVATARS = Path(__file__).resolve().parents[3] / "assets" / "avatars"

needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")


def _triangles(seed: int, count: int, size: float) -> np.ndarray:
    chance = np.random.default_rng(seed)
    middles = chance.uniform(-20, 220, (count, 1, 2))
    corners = middles + chance.normal(0, size, (count, 3, 2))
    return np.concatenate([corners, chance.uniform(0, 9, (count, 3, 1))], axis=2)


@pytest.mark.parametrize("size", [3.0, 30.0])
def test_triangles_lie_where_opencv_draws_them(library: NativeLibrary, size: float) -> None:
    corners = _triangles(1, 60, size)
    own = library.draw_labels(corners, (100, 90), offset=(3, 5), step=2)
    theirs = draw_labels(corners, (100, 90), offset=(3, 5), step=2)
    differs = own != theirs
    inside = cv2.erode((theirs >= 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    same_around = cv2.morphologyEx(
        theirs.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)
    )
    assert differs[inside & (same_around == 0)].mean() < 0.005  # tips of needles
    assert differs.mean() < 0.12  # edges, by a point


def test_neighbouring_triangles_leave_no_crack(library: NativeLibrary) -> None:
    chance = np.random.default_rng(2)
    for _ in range(40):
        a, c = chance.uniform(40, 160, (2, 2))
        aside = 40.0 * np.array([a[1] - c[1], c[0] - a[0]]) / np.linalg.norm(c - a)
        b, d = (a + c) / 2 + aside, (a + c) / 2 - aside
        pair = np.zeros((2, 3, 3))
        pair[0, :, :2], pair[1, :, :2] = (a, b, c), (a, c, d)
        label = library.draw_labels(pair, (100, 100))
        along = a + np.linspace(0.2, 0.8, 50)[:, None] * (c - a)
        column, row = np.round(along / 2 - 0.5).astype(int).T
        assert (label[row, column] >= 0).all()


def test_maps_of_triangles_are_alike(library: NativeLibrary) -> None:
    source, moved = _triangles(10, 80, 9.0), _triangles(11, 80, 9.0)
    moved[5, 1] = moved[5, 0]  # no area
    own = library.affine_maps(source[:, :, :2], moved)
    np.testing.assert_allclose(own, affine_maps(source[:, :, :2], moved), rtol=1e-4, atol=1e-3)


def test_maps_are_looked_up_alike(library: NativeLibrary) -> None:
    chance = np.random.default_rng(3)
    maps = chance.normal(0, 1, (9, 6)).astype(np.float32)
    label = chance.integers(0, 9, (40, 50)).astype(np.int32)
    places = library.places(maps, label, (4, 7))
    assert places is not None
    np.testing.assert_allclose(places, look_up(maps, label, (4, 7), 2), atol=2e-4)
    hidden = (label == 3).astype(np.uint8)
    with_hidden = library.places(maps, label, (4, 7), hidden=hidden)
    assert with_hidden is not None
    np.testing.assert_array_equal(with_hidden, np.where(hidden[..., None], -1e4, places))
    label[3, 3] = -1
    assert library.places(maps, label, (4, 7)) is None


def _flow(seed: int, shape: tuple[int, int]) -> np.ndarray:
    chance = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]] * 2.0 + 1.0
    way = cv2.resize(chance.normal(0, 6, (5, 5, 2)), shape[::-1], interpolation=cv2.INTER_CUBIC)
    return (np.dstack([x, y]) + way).astype(np.float32)


def _untold(shape: tuple[int, int]) -> Surfaces:
    """Return a flow's triangles, if nobody says what they are."""
    none = np.zeros((1, 3, 3)), np.zeros((1, 6), np.float32)
    return Surfaces(np.full(shape, -1, np.int32), *none, 0.0, 0.0, 1)


@pytest.mark.parametrize("is_torn", [False, True])
def test_pictures_are_warped_alike(library: NativeLibrary, is_torn: bool) -> None:
    coarse = np.random.default_rng(4).integers(0, 255, (24, 30, 4), np.uint8)
    picture = cv2.resize(coarse, (240, 192), interpolation=cv2.INTER_CUBIC)
    picture[:60, :90] = 0
    flow = _flow(5, (100, 125))
    if is_torn:
        flow[30:60, 40:80] += 40.0
    fine, edges = enlarged_flow(flow, 2)
    expected = cv2.remap(picture, fine, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    if is_torn:
        assert edges is not None
        expected = np.where(edges[..., None] > 0, cv2.GaussianBlur(expected, (5, 5), 1.1), expected)
    own = NativePicture(picture.astype(np.uint8))
    wanted = library.warped(own, flow, _untold((100, 125)), (3, 2), (190, 240))
    assert cv2.PSNR(wanted, np.ascontiguousarray(expected[2:192, 3:243])) > 45.0


@pytest.mark.parametrize("hides", [True, False])
def test_silhouettes_run_through_the_same_pixels(library: NativeLibrary, hides: bool) -> None:
    hidden = np.zeros(SHAPE, np.uint8)
    if hides:
        hidden[:, 20:] = np.where(triangle_before_wall()[0].label == 0, 0, 255)[:, 20:]
    surfaces, places = triangle_before_wall(hidden)
    places[hidden > 0] = NOWHERE
    fine, edges = enlarged_flow(places, STEP, surfaces)
    assert edges is not None
    picture = np.full((400, 420, 4), (40, 90, 200, 255), np.uint8)
    picture[200:, 200:] = (250, 120, 10, 255)  # where the front looks
    expected = cv2.remap(picture, fine, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    soft = cv2.GaussianBlur(expected, (5, 5), 1.1)
    expected = np.where(edges[..., None] > 0, soft, expected)
    size = (STEP * SHAPE[0] - 4, STEP * SHAPE[1] - 4)
    own = library.warped(NativePicture(picture), places, surfaces, (2, 2), size)
    assert in_front(fine).sum() > 1000
    assert np.abs(own.astype(int) - expected[2:-2, 2:-2]).max() <= 6


def test_what_stays_is_kept_to_the_last_bit(library: NativeLibrary) -> None:
    picture = np.random.default_rng(6).integers(0, 255, (60, 80, 4), np.uint8)
    y, x = np.mgrid[:30, :40] * 2.0 + 0.5
    still = np.dstack([x, y]).astype(np.float32)
    warped = library.warped(NativePicture(picture), still, _untold((30, 40)), (4, 4), (50, 70))
    np.testing.assert_array_equal(warped, picture[4:54, 4:74])


def test_a_person_is_laid_over_a_room_alike(library: NativeLibrary) -> None:
    chance = np.random.default_rng(7)
    person = chance.integers(0, 256, (40, 50, 4)).astype(np.uint8)
    person[::3, :, 3], person[1::5] = 255, 0
    room = chance.integers(0, 256, (60, 70, 3)).astype(np.uint8)
    expected = room.copy()
    place = expected[5:45, 9:59].astype(float)
    through = 1.0 - person[..., 3:] / 255.0
    expected[5:45, 9:59] = np.clip(np.round(place * through) + person[..., :3], 0, 255)
    library.compose(person, room[5:45, 9:59])
    np.testing.assert_array_equal(room, expected)


def test_no_number_leads_out_of_a_picture(library: NativeLibrary) -> None:
    """Infinite, huge and missing numbers show nothing, and touch no memory of others."""
    picture = NativePicture(np.full((30, 40, 4), 200, np.uint8))
    flow = np.random.default_rng(8).normal(0, 1e3, (20, 20, 2)).astype(np.float32)
    for number in (np.nan, np.inf, -np.inf, 3e38, -3e38, 1e9, -1e9, -1.0, 40.0, 39.5):
        flow[::2, ::3] = number
        warped = library.warped(picture, flow, _untold((20, 20)), (2, 2), (36, 36))
        assert set(np.unique(warped[0:2, 0:2])) <= set(range(201))
        into = np.full((2, 3), number)
        library.lay_behind(warped, np.full((20, 20), 255, np.uint8), (2, 2), picture.pixels, into)
    corners = _triangles(9, 50, 30.0)
    for number in (np.nan, np.inf, -np.inf, 1e30, -1e30):
        corners[::4, 1, :2] = number
        with np.errstate(invalid="ignore", over="ignore"):
            label = library.draw_labels(corners, (50, 60))
        assert label.min() >= -1
        assert label.max() < 50


@lru_cache(maxsize=3)
def _puppet(who: str) -> tuple[FacePuppet, np.ndarray]:
    kept = np.load(AVATARS / f"{who}.npz")
    picture = read_image(AVATARS / f"{who}.png")
    landmarks = kept["landmarks"]
    puppet = FacePuppet(picture, landmarks, kept["matte"], np.full_like(picture, 90))
    return puppet, landmarks


@pytest.mark.parametrize("who", ["maya", "omar", "zoe"])
@pytest.mark.parametrize("turn", [(0.0, 0.0, 0.0), (0.1, 0.5, 0.05), (-0.1, -0.5, 0.1)])
def test_avatars_are_painted_alike(
    library: NativeLibrary, who: str, turn: tuple[float, float, float]
) -> None:
    puppet, landmarks = _puppet(who)
    motion = read_motion(landmarks, landmarks)._replace(turn=np.array(turn))
    face = FaceTransfer(landmarks)(motion, landmarks)
    painted = NativePainter(puppet, library).draw(face)
    assert cv2.PSNR(painted, ProcessorPainter(puppet).draw(face)) > 43.0


def test_a_library_of_another_source_is_refused(
    tmp_path: Path, library_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    NativeLibrary(library_file)
    for changed in SOURCES:
        newer = tmp_path / changed.name
        newer.write_text(changed.read_text() + "\n/* newer */\n")
        sources = tuple(newer if source == changed else source for source in SOURCES)
        monkeypatch.setattr(native, "SOURCES", sources)
        with pytest.raises(ValueError, match="another source"):
            NativeLibrary(library_file)


def test_a_missing_or_foreign_file_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such"):
        NativeLibrary(tmp_path / "no-such.so")
    (tmp_path / "text.so").write_text("not a library")
    with pytest.raises(OSError, match=r"text\.so"):
        NativeLibrary(tmp_path / "text.so")
    with pytest.raises(ValueError, match="other functions"):
        NativeLibrary(Path(_ctypes.__file__))


@pytest.fixture
def made(tmp_path: Path) -> Callable[[], list[str]]:
    return lambda: sorted(path.name for path in tmp_path.iterdir())


def test_without_a_compiler_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Callable[[], list[str]]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert build(tmp_path / "person.so") == "There is no C compiler."
    assert made() == []


@needs_compiler
def test_a_compiler_that_fails_leaves_nothing(
    tmp_path: Path, made: Callable[[], list[str]]
) -> None:
    (tmp_path / "broken.c").write_text("not C")
    fault = build(tmp_path / "broken.so", [tmp_path / "broken.c"])
    assert "failed: " in fault
    assert made() == ["broken.c"]
