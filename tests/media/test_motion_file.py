"""Saved motion: what is written is read, and nothing else is believed."""

import pickle
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.errors import OutputError, VideoError
from avatarify.media import motion_file
from avatarify.media.motion_file import Motion, read_motion, write_motion
from tests.full_disk import file_size_limit


def motion(frames: int = 4, lost: tuple[int, ...] = (2,)) -> Motion:
    """A face that moves by one pixel a frame in a picture of 480 by 640."""
    rng = np.random.default_rng(0)
    face = rng.uniform(100, 300, (478, 3))
    landmarks = (face + np.arange(frames)[:, None, None]).astype(np.float32)
    blendshapes = rng.uniform(0, 1, (frames, 52)).astype(np.float32)
    landmarks[list(lost)], blendshapes[list(lost)] = np.nan, np.nan
    return Motion(landmarks, blendshapes, np.arange(frames) / 25.0, (480, 640))


def arrays(**changed: Any) -> dict[str, Any]:
    """What a file holds."""
    good = motion()
    content: dict[str, Any] = {
        "landmarks": good.landmarks,
        "blendshapes": good.blendshapes,
        "times_s": good.times_s,
        "size": np.array(good.size),
    }
    return {**content, **changed}


def refusal(path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        read_motion(path)
    return str(caught.value)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.npz", motion())
    found = read_motion(tmp_path / "a.npz")
    np.testing.assert_array_equal(found.landmarks, motion().landmarks)
    np.testing.assert_array_equal(found.blendshapes, motion().blendshapes)
    np.testing.assert_array_equal(found.times_s, [0.0, 0.04, 0.08, 0.12])
    assert found.size == (480, 640)
    assert found.landmarks.dtype == np.float32
    assert found.has_face.tolist() == [True, True, False, True]
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]


def test_the_rate_is_that_of_the_times() -> None:
    assert motion().fps == pytest.approx(25.0)
    assert motion(1, ()).fps == 25.0


def test_the_file_is_the_contract(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.npz", motion())
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert set(file) == {"landmarks", "blendshapes", "times_s", "size"}
        assert file["landmarks"].dtype == np.float32
        assert file["size"].tolist() == [480, 640]


def test_other_programs_may_leave_other_kinds_of_numbers(tmp_path: Path) -> None:
    wide = motion().blendshapes.astype(np.float64)
    wide[2] = 0.0  # what stands beside a lost face has no meaning
    times = np.arange(4, dtype=np.int32)
    np.savez(tmp_path / "a.npz", **arrays(blendshapes=wide, times_s=times))
    found = read_motion(tmp_path / "a.npz")
    assert found.blendshapes.dtype == np.float32
    assert np.isnan(found.blendshapes[2]).all()
    assert found.fps == 1.0


def _partly_lost() -> Any:
    landmarks = motion().landmarks.copy()
    landmarks[0, 7, 1] = np.nan
    return landmarks


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"landmarks": motion().landmarks[:, :468]}, r"landmarks has the shape \(4, 468, 3\)"),
        ({"landmarks": motion().landmarks.astype(np.float64)}, "landmarks holds float64"),
        ({"landmarks": motion().landmarks[:3]}, "not equally long"),
        ({"landmarks": motion().landmarks[:0]}, "0 entries"),
        ({"landmarks": np.full((4, 478, 3), np.nan, np.float32)}, "shows no face"),
        ({"landmarks": _partly_lost()}, "part of a face"),
        ({"landmarks": motion().landmarks * np.float32(1e9)}, "far outside"),
        ({"landmarks": np.full((4, 478, 3), np.inf, np.float32)}, "part of a face"),
        ({"blendshapes": np.full((4, 52), 7.0)}, "outside of 0 to 1"),
        ({"blendshapes": np.full((4, 52), np.nan)}, "outside of 0 to 1"),
        ({"times_s": np.zeros(4)}, "do not rise"),
        ({"times_s": np.array([0.0, 1.0, np.nan, 2.0])}, "do not rise"),
        ({"times_s": np.array([0.0, 1.0, 2.0, 1e9])}, "more than a day"),
        ({"times_s": np.array(["a", "b", "c", "d"])}, "times_s holds"),
        ({"size": np.array([0, 640])}, "640x0 pixels"),
        ({"size": np.array([480, 640, 3])}, "3 entries"),
        ({"size": np.array([480.0, 640.0])}, "size holds float64"),
    ],
)
def test_impossible_content_is_refused(
    tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    np.savez(tmp_path / "a.npz", **arrays(**changed))
    with pytest.raises(VideoError, match=reason) as caught:
        read_motion(tmp_path / "a.npz")
    assert "avatarify track" in str(caught.value)


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    content = arrays()
    del content["times_s"]
    np.savez(tmp_path / "a.npz", **content)
    assert "it holds no times_s" in refusal(tmp_path / "a.npz")


class Mine:
    """Something that runs when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return pytest.fail, ("a pickle was opened",)


def test_pickles_stay_shut(tmp_path: Path) -> None:
    objects = np.array([Mine()] * 4, dtype=object)
    np.savez(tmp_path / "a.npz", allow_pickle=True, **arrays(times_s=objects))
    assert "times_s holds object" in refusal(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Mine()))
    assert "is no saved motion" in refusal(tmp_path / "b.npz")


def _with_header(path: Path, header: bytes, body: bytes = b"") -> None:
    np.savez(path, **{name: array for name, array in arrays().items() if name != "landmarks"})
    with zipfile.ZipFile(path, "a") as archive:
        length = len(header).to_bytes(2, "little")
        archive.writestr("landmarks.npy", b"\x93NUMPY\x01\x00" + length + header + body)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 478, 3)}\n", "cut off"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (10**12, 478, 3)}\n", "no saved"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 478, 3)}\n", "entries"),
        (b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 478, 3)}\n", "entries"),
        (b"__import__('os').abort()\n", "no saved motion"),
        (b"{[]: 1}\n", "no saved motion"),
        (b"(" * 60_000, "no saved motion"),
    ],
)
def test_headers_that_lie_cost_no_memory(tmp_path: Path, header: bytes, reason: str) -> None:
    _with_header(tmp_path / "a.npz", header)
    assert reason in refusal(tmp_path / "a.npz")


def test_a_cut_or_altered_file_is_damaged(tmp_path: Path) -> None:
    write_motion(tmp_path / "a.npz", motion())
    whole = (tmp_path / "a.npz").read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "b.npz").write_bytes(whole[:length])
        assert "damaged" in refusal(tmp_path / "b.npz")
    altered = bytearray(whole)
    altered[len(whole) // 3] ^= 0xFF
    (tmp_path / "c.npz").write_bytes(altered)
    assert "damaged" in refusal(tmp_path / "c.npz")


def test_what_is_no_such_file_is_said(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "There is no saved motion" in refusal(tmp_path / "missing.npz")
    (tmp_path / "text.npz").write_text("hello")
    assert "is no saved motion" in refusal(tmp_path / "text.npz")
    np.save(tmp_path / "a.npy", np.zeros(3))
    assert "is no saved motion" in refusal(tmp_path / "a.npy")


def test_motion_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_motion(tmp_path / "a.npz", motion())
    monkeypatch.setattr(motion_file, "MOST_FRAMES", 3)
    assert "4 entries, not 1 to 3" in refusal(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="4 frames, not 1 to 3"):
        motion()


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_motion(path, motion(2, ()))
    with file_size_limit(2000), pytest.raises(OutputError, match="disk is full"):
        write_motion(path, motion())
    assert read_motion(path).frame_count == 2
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_and_another_ending_are_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        write_motion(tmp_path / "missing" / "a.npz", motion())
    with pytest.raises(ValueError, match=r"ends in \.npz"):
        write_motion(tmp_path / "a.txt", motion())


def test_memory_is_read_as_it_lies(tmp_path: Path) -> None:
    """An array in Fortran's order holds the same numbers."""
    np.savez(tmp_path / "a.npz", **arrays(landmarks=np.asfortranarray(motion().landmarks)))
    np.testing.assert_array_equal(read_motion(tmp_path / "a.npz").landmarks, motion().landmarks)
    with zipfile.ZipFile(BytesIO((tmp_path / "a.npz").read_bytes())) as archive:
        assert b"'fortran_order': True" in archive.read("landmarks.npy")[:200]
