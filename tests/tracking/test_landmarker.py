import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode, sort_faces

MakeFace = Callable[..., Face]


def read_frames(path: Path, count: int) -> list[Image]:
    video = cv2.VideoCapture(str(path))
    frames = [video.read()[1] for _ in range(count)]
    video.release()
    return [np.ascontiguousarray(frame[:, :, ::-1], dtype=np.uint8) for frame in frames]


def test_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match=r"missing.*avatarify models pull face-landmarker"):
        FaceLandmarker(tmp_path / "face_landmarker.task")


@pytest.mark.parametrize("content", [b"", b"not a zip archive" * 50])
def test_broken_file_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(content)
    with pytest.raises(TrackerError, match=r"(empty|broken).*Delete it.*pull face-landmarker"):
        FaceLandmarker(path)


def test_folder_instead_of_file_is_a_tracker_error(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="cannot be read"):
        FaceLandmarker(tmp_path)


def test_truncated_file_is_broken(tmp_path: Path, model_path: Path) -> None:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(model_path.read_bytes()[:200_000])
    with pytest.raises(TrackerError, match="broken"):
        FaceLandmarker(path)


def test_mediapipe_that_cannot_be_loaded_is_a_tracker_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "face_landmarker.task"
    path.write_bytes(b"never read")
    monkeypatch.setitem(sys.modules, "mediapipe.tasks.python", None)
    with pytest.raises(TrackerError, match=r"could not be loaded.*libgles2"):
        FaceLandmarker(path)


@pytest.mark.parametrize("mode", [LandmarkerMode.LIVE, LandmarkerMode.VIDEO])
def test_video_is_followed_from_a_thread_that_did_not_make_it(
    model_path: Path, shared: Path, mode: LandmarkerMode
) -> None:
    frames = read_frames(shared / "clips" / "grid_pwij3p.mpg", 8)
    found: list[Face | None] = []
    with FaceLandmarker(model_path, mode) as landmarker:
        times_s = [0.0, 0.04, 0.04, 0.03, 1000.0, 0.0, 0.04, 0.08]  # repeated and falling, too

        def track() -> None:
            found.extend(landmarker.find(f, t) for f, t in zip(frames, times_s, strict=True))

        worker = threading.Thread(target=track)
        worker.start()
        worker.join()
        with pytest.raises(ValueError, match="one thread"):
            landmarker.find(frames[0], 1.0)

    assert len(found) == 8
    for face in found:
        assert face is not None
        assert face.landmarks.shape == (478, 3)
        assert face.landmarks.dtype == np.float32
        assert 90 < face.box.width < face.box.height < 160


def test_closed_landmarker_is_refused_and_closing_twice_is_fine(model_path: Path) -> None:
    landmarker = FaceLandmarker(model_path)
    landmarker.close()
    landmarker.close()
    with pytest.raises(ValueError, match="closed"):
        landmarker.find(np.zeros((64, 64, 3), np.uint8))


def test_no_face_is_none(image_landmarker: FaceLandmarker) -> None:
    grey = np.full((240, 320, 3), 128, np.uint8)
    assert image_landmarker.find(grey) is None
    assert image_landmarker.find_all(grey) == ()


def test_landmarks_are_in_pixels_of_a_picture_of_any_layout(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    picture = still("s7.jpg")
    face = image_landmarker.find(picture)
    mirrored = image_landmarker.find(picture[:, ::-1])  # a view, not contiguous

    assert face is not None
    assert mirrored is not None
    x, y = face.box.center
    assert mirrored.box.center == pytest.approx((picture.shape[1] - x, y), abs=8)
    assert 400 < face.box.larger_side < 550


def test_two_faces_are_two_and_the_larger_goes_first(
    image_landmarker: FaceLandmarker, still: Callable[[str], Image]
) -> None:
    picture = np.full((480, 720, 3), 128, np.uint8)
    picture[:360, :360] = cv2.resize(still("s7.jpg"), (360, 360))
    picture[:240, 400:640] = cv2.resize(still("echomimic_a.png"), (240, 240))
    faces = image_landmarker.find_all(picture)

    assert len(faces) == 2
    assert faces[0].box.center[0] < 360 < faces[1].box.center[0]


@pytest.mark.parametrize("mode", [LandmarkerMode.VIDEO, LandmarkerMode.LIVE])
def test_a_picture_of_another_size_is_searched_anew(
    model_path: Path,
    image_landmarker: FaceLandmarker,
    still: Callable[[str], Image],
    mode: LandmarkerMode,
) -> None:
    # The driver's phone is turned: where the face was there is now half of it, and no other.
    before, after = np.full((240, 320, 3), 90, np.uint8), np.full((1280, 720, 3), 90, np.uint8)
    before[:, 40:280] = cv2.resize(still("s7.jpg"), (240, 240))
    after[280:1000] = cv2.resize(still("s7.jpg"), (720, 720))
    alone = image_landmarker.find(after)
    assert alone is not None
    with FaceLandmarker(model_path, mode) as landmarker:
        for index in range(8):
            landmarker.find_all(before, index / 25)
        faces = landmarker.find_all(after, 8 / 25)
    assert len(faces) == 1
    np.testing.assert_allclose(faces[0].landmarks[:, :2], alone.landmarks[:, :2], atol=9)


def test_followed_face_stays_first_when_a_larger_one_comes(make_face: MakeFace) -> None:
    followed, passer_by = make_face(x=150, size=150), make_face(x=450, size=260)
    faces = (followed, passer_by)
    assert sort_faces(faces, (480, 640), previous=None)[0] is passer_by
    assert sort_faces(faces, (480, 640), previous=make_face(x=140, size=150))[0] is followed


def test_of_two_equal_faces_the_central_one_goes_first(make_face: MakeFace) -> None:
    aside, central = make_face(x=100), make_face(x=330)
    assert sort_faces((aside, central), (480, 640), previous=None)[0] is central


@pytest.mark.parametrize("mode", list(LandmarkerMode))
def test_far_driver_is_found_within_a_second_and_followed(
    model_path: Path, still: Callable[[str], Image], mode: LandmarkerMode
) -> None:
    # A face 70 pixels high at 1280 x 720: about two metres away. The whole picture shows nothing.
    portrait = cv2.resize(still("s7.jpg"), (120, 120), interpolation=cv2.INTER_AREA)
    found = []
    with FaceLandmarker(model_path, mode) as landmarker:
        for index in range(40):
            frame = np.full((720, 1280, 3), 110, np.uint8)
            left = 860 + 8 * max(0, index - 20)
            frame[300:420, left : left + 120] = portrait
            face = landmarker.find(frame, index / 30)
            found.append(face is not None)
            if face is not None:
                assert face.box.center == pytest.approx((left + 60, 365), abs=12)
                assert 55 < face.box.larger_side < 90

    assert found.index(True) <= 20
    assert all(found[found.index(True) :])


def test_live_who_comes_later_is_counted_and_does_not_take_over(
    model_path: Path, still: Callable[[str], Image]
) -> None:
    driver = cv2.resize(still("s7.jpg"), (240, 240))
    passer_by = cv2.resize(still("echomimic_a.png"), (400, 400))
    counts = []
    with FaceLandmarker(model_path, LandmarkerMode.LIVE) as landmarker:
        for index in range(75):
            frame = np.full((480, 720, 3), 128, np.uint8)
            if index >= 15:
                frame[40:440, 300:700] = passer_by
            left = 20 + max(0, index - 50)
            frame[100:340, left : left + 240] = driver
            faces = landmarker.find_all(frame, index / 30)
            counts.append(len(faces))
            assert faces[0].box.center[0] == pytest.approx(left + 120, abs=25)
    assert counts[:15] == [1] * 15
    assert counts[46:] == [2] * 29, "the passer-by is seen within a second"


def test_live_the_chosen_face_is_followed_whichever_mediapipe_prefers(
    model_path: Path, still: Callable[[str], Image]
) -> None:
    frame = np.full((480, 720, 3), 128, np.uint8)
    frame[100:340, 40:280] = cv2.resize(still("s7.jpg"), (240, 240))
    frame[100:340, 420:660] = cv2.resize(still("echomimic_a.png"), (240, 240))
    for picture in (frame, np.ascontiguousarray(frame[:, ::-1])):
        with FaceLandmarker(model_path, LandmarkerMode.LIVE) as landmarker:
            places = [landmarker.find_all(picture, i / 30)[0].box.center[0] for i in range(45)]
        assert np.ptp(places) < 25


FIND_ONE = """
    import sys
    from pathlib import Path
    import cv2, numpy
    from avatarify.tracking.landmarker import FaceLandmarker
    picture = numpy.ascontiguousarray(cv2.imread(sys.argv[2])[:, :, ::-1])
    with FaceLandmarker(Path(sys.argv[1])) as landmarker:
        for index in range(5):
            assert landmarker.find(picture, index / 30)
    print("found")
"""

NO_NETWORK = """
    import ctypes, platform, struct
    # A seccomp filter: any socket() but AF_UNIX kills the process, in native threads as well.
    arch_socket = {"x86_64": 41, "aarch64": 198}[platform.machine()]
    steps = [
        (0x20, 0, 0, 0),                # load the call's number
        (0x15, 0, 3, arch_socket),      # not socket(): allow
        (0x20, 0, 0, 16),               # load its first argument, the family
        (0x15, 1, 0, 1),                # AF_UNIX: allow
        (0x06, 0, 0, 0x80000000),       # kill the process
        (0x06, 0, 0, 0x7FFF0000),       # allow
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0          # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, program, 0, 0) == 0    # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
"""


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def test_finding_says_nothing_on_stderr(model_path: Path, shared: Path) -> None:
    code = textwrap.dedent(FIND_ONE)
    result = run_python(code, str(model_path), str(shared / "stills" / "s7.jpg"))
    assert (result.returncode, result.stdout, result.stderr) == (0, "found\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_finding_opens_no_socket(model_path: Path, shared: Path) -> None:
    guard = textwrap.dedent(NO_NETWORK)
    caught = run_python(guard + "import socket\nsocket.socket(socket.AF_INET)")
    assert caught.returncode == -31, "the guard itself must work: SIGSYS"

    code = guard + textwrap.dedent(FIND_ONE)
    result = run_python(code, str(model_path), str(shared / "stills" / "s7.jpg"))
    assert (result.returncode, result.stdout) == (0, "found\n")


def test_image_mode_keeps_no_memory_of_the_previous_picture(
    model_path: Path, still: Callable[[str], Image]
) -> None:
    with FaceLandmarker(model_path, LandmarkerMode.IMAGE) as landmarker:
        first = landmarker.find(still("s7.jpg"))
        landmarker.find(still("s12.jpg"))
        again = landmarker.find(still("s7.jpg"))
    assert first is not None
    assert again is not None
    np.testing.assert_allclose(first.landmarks, again.landmarks, atol=0.01)
