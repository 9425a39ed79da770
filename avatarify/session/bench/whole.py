"""The product as a whole: the live loop, the start, and a clip from file to file."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from avatarify.animation.backends.probe import draw_face
from avatarify.errors import AvatarifyError
from avatarify.frames import Frame
from avatarify.media.image_file import write_image
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.session.bench.live_loop import Live, LoopSettings
from avatarify.session.keeping.settings import TrackerWish

_TIMEOUT_S = 300.0

_BATCH_FRAMES = 300
"""Of the clip that is animated from file to file."""

FACE = "face"
"""The face engine: it drives a built-in avatar by its landmarks, whatever the driver's picture."""

_FACE_START = """
import sys, time
begun = time.perf_counter()
from avatarify.animation.face.animator import FaceAnimator, FacePortrait
from avatarify.session.avatars.choice import choose_avatar
imported = time.perf_counter()
avatar = choose_avatar("")
animator = FaceAnimator()
animator.set_source(FacePortrait(avatar.image, avatar.landmarks, avatar.matte))
animator.calibrate(avatar.landmarks)
animator.animate(avatar.landmarks)
done = time.perf_counter()
from avatarify.session.bench.memory import peak_memory_mb
print(imported - begun, done - begun, peak_memory_mb())
"""

_START = """
import sys, time
begun = time.perf_counter()
from pathlib import Path
from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.backends.choice import open_engine
from avatarify.animation.backends.probe import draw_face
imported = time.perf_counter()
animator = PortraitAnimator(open_engine(Path(sys.argv[1]), keeps=True))
animator.set_source(draw_face(animator.output_size))
animator.calibrate(draw_face(animator.input_size))
animator.animate(draw_face(animator.input_size, 0.02))
done = time.perf_counter()
from avatarify.session.bench.memory import peak_memory_mb
print(imported - begun, done - begun, peak_memory_mb())
"""


@dataclass(frozen=True, slots=True)
class Start:
    """A process that starts from nothing; files that it reads are in the system's cache."""

    imports_s: float
    """Until Python has loaded the libraries."""

    first_frame_s: float
    """Until the first animated frame, the check against the readable networks included."""

    peak_memory_mb: float | None
    """The most memory that the process held; None where the system does not say."""


@dataclass(frozen=True, slots=True)
class Batch:
    """`avatarify animate` on a clip."""

    frames: int
    """That were written."""

    seconds: float
    """For the whole command, start included."""


def measure_live(
    clip: Path, model: str, seconds: float, device: str = "auto", tracker: TrackerWish = "auto"
) -> Live:
    """Run the live session in a process of its own, at the rate of the clip, to 30 fps.

    Raises:
        AvatarifyError: It failed.
    """
    how = LoopSettings(str(clip), model, seconds, is_limited=True, device=device, tracker=tracker)
    return _run_live(how)


def measure_capacity(
    clip: Path, model: str, seconds: float, device: str = "auto", tracker: TrackerWish = "auto"
) -> Live:
    """Run it where neither the camera nor the output's rate limits it.

    An output of 30 fps lets 33 through (`streaming/pacing.py`): measured into one, every machine
    that is faster shows 33.

    Raises:
        AvatarifyError: It failed.
    """
    how = LoopSettings(str(clip), model, seconds, is_limited=False, device=device, tracker=tracker)
    return _run_live(how)


def measure_start(model: str, runs: int = 3) -> Start:
    """Start a process several times; the best counts, because the first fills the caches.

    Args:
        model: A model file, or `FACE`.
        runs: How often.

    Raises:
        AvatarifyError: It failed.
    """
    found = []
    code = _FACE_START if model == FACE else _START
    for _ in range(runs):
        imports_s, total_s, memory = _python(["-c", code, model]).split()[-3:]
        memory_mb = None if memory == "None" else float(memory)
        found.append(Start(float(imports_s), float(total_s), memory_mb))
    return min(found, key=lambda start: start.first_frame_s)


def measure_batch(
    clip: Path, model: str, avatar: Path | None = None, tracker: TrackerWish = "auto"
) -> Batch:
    """Animate 300 frames of a clip from file to file; it begins again where it is shorter.

    A picture is animated before, so that the model's graphs are kept as they are from the second
    start on.

    Args:
        clip: The driving clip.
        model: A model file, or `FACE`, which wants an avatar.
        avatar: A portrait; the tracker then finds the faces and chooses the reference frame. None
            draws one and takes the pictures as they are.
        tracker: Which face tracker.

    Raises:
        AvatarifyError: It failed.
    """
    with TemporaryDirectory() as folder:
        portrait, output = Path(folder) / "in" / "portrait.png", Path(folder) / "out.mp4"
        portrait.parent.mkdir()
        write_image(portrait, draw_face(512))
        driving = Path(folder) / "driving.mp4"
        _write_clip(clip, driving, 30.0)
        how = ["--model", model]
        untracked = ["--crop", "none", "--reference", "0", *how]
        if model != FACE:
            _animate(portrait, portrait.parent, output, untracked)
        how = untracked if avatar is None else [*how, "--tracker", tracker]
        start = time.perf_counter()
        said = _animate(avatar or portrait, driving, output, how)
        seconds = time.perf_counter() - start
    written = said.rpartition("(")[2].split()[0]
    return Batch(int(written), seconds)


def _run_live(settings: LoopSettings) -> Live:
    code = "from avatarify.session.bench.live_loop import main; main()"
    said = _python(["-c", code, json.dumps(asdict(settings))])
    found = json.loads(said.splitlines()[-1])
    return Live(**{**found, "stages_ms": tuple((name, ms) for name, ms in found["stages_ms"])})


def _animate(avatar: Path, driving: Path, output: Path, how: Sequence[str]) -> str:
    files = ["--avatar", str(avatar), "--driving", str(driving), "--output", str(output)]
    return _avatarify(["animate", *files, *how])


def _write_clip(clip: Path, to: Path, fps: float) -> None:
    with VideoFile(clip) as video:
        images = [frame.image for frame in iter(video.read, None)]
    with VideoWriter(to, fps) as writer:
        for index, image in enumerate(islice(cycle(images), _BATCH_FRAMES)):
            writer.write(Frame(image, index / fps, index))


def _avatarify(arguments: Sequence[str]) -> str:
    code = "import sys; from avatarify.cli import main; sys.exit(main())"
    return _python(["-c", code, *arguments])


def _python(arguments: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise AvatarifyError(f"A measured process failed: {last}")
    return done.stdout
