"""Runs the command line on files that were damaged at random, each case in a process of its own.

`python tests/mutated_files.py FOLDER SEED COUNT` makes whole files in FOLDER, damages them, and
prints one line of JSON for each case that went wrong: a traceback, a signal, an exit code that is
none of ours, more than 60 s, or more than 2 GB. Nothing is deleted; the same seed is the same run.

A case is a fork of this process, which has imported everything and computed nothing, so that it
costs what the command costs and not the seconds that torch takes to load.
"""

import faulthandler
import importlib
import json
import os
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import av
import numpy as np
from PIL import Image as Pillow

LONGEST_S = 60.0
MOST_BYTES = 2_000_000_000
_EXPECTED_CODES = (0, 1, 2)
_LOOK_EVERY_S = 1.0

_LOADED_BEFORE = (
    "animation.checkpoint", "animation.torch_engine",
    "cli.animate", "cli.app", "cli.models", "cli.track",
    "gui.window.application", "session.avatars.portrait_file", "session.avatars.portrait_intake",
    "session.offline.face_animation", "session.offline.model", "session.offline.offline_animation",
    "tracking.landmarker", "tracking.own_finder",
)  # fmt: skip


class Kind(NamedTuple):
    """One kind of file, and what is done with it."""

    share: int
    """Of 500 cases."""

    seeds: tuple[str, ...]
    """Whole files, in the folder of seeds."""

    commands: tuple[tuple[str, ...], ...]
    """FILE stands for the damaged one."""


_DRIVEN = ("--driving=seeds/d.png", "--avatar=seeds/d.png", "--output=out/")
_PLAIN = ("--crop=none", "--reference=0", "--backend=reference")
"""No face is looked for: what the file does is what is looked at."""

_TINY = ("--model=seeds/tiny.safetensors", *_PLAIN)
_PICTURES = ("a.png", "a.jpg", "a.webp", "a.gif", "a.bmp", "a.tif", "a.avif", "p.png", "x.jpg")
_CLIPS = ("a.mp4", "a.webm", "a.mkv", "a.avi", "a.gif", "a.mov", "a.webp", "a.png")

KINDS = {
    "picture": Kind(
        150,
        _PICTURES,
        (
            ("animate", "--avatar=FILE", "--driving=seeds/d.png", "--output=out/", *_TINY),
            ("animate", "--avatar=seeds/d.png", "--driving=FILE", "--output=out/", *_TINY),
            ("animate", "--avatar=FILE", "--driving=seeds/m.npz", "--output=out/"),
        ),
    ),
    "clip": Kind(
        130,
        _CLIPS,
        (
            ("animate", "--avatar=seeds/d.png", "--driving=FILE", "--output=out.mp4", *_TINY),
            ("animate", "--avatar=seeds/d.png", "--driving=FILE", "--output=out/", *_TINY),
        ),
    ),
    "yaml": Kind(
        60,
        ("tiny.yaml",),
        (
            ("models", "import", "seeds/tiny.pth.tar", "--config=FILE"),
            ("animate", "--model=seeds/tiny.pth.tar", "--config=FILE", *_DRIVEN, *_PLAIN),
        ),
    ),
    "settings": Kind(40, ("settings.json", "settings.json", "profile.json"), (("app",),)),
    "model": Kind(
        90,
        ("tiny.safetensors", "compact.safetensors", "tiny.pth.tar", "landmarks.safetensors"),
        (
            ("animate", "--model=FILE", "--config=seeds/tiny.yaml", *_DRIVEN, *_PLAIN),
            ("animate", "--model=FILE", *_DRIVEN, *_PLAIN),
            ("animate", "--model=FILE", *_DRIVEN, *_PLAIN),
            ("models", "import", "FILE"),
            ("models", "info", "FILE"),
            ("track", "seeds/d.png", "--output=t.npz", "--tracker=FILE"),
        ),
    ),
    "motion": Kind(
        30,
        ("m.npz",),
        (("animate", "--avatar=seeds/face.png", "--driving=FILE", "--output=out.mp4"),),
    ),
}


def make_seeds(folder: Path) -> None:
    """Write one whole file of each kind."""
    from avatarify.media.motion_file import write_motion
    from avatarify.session.keeping.json_file import to_json
    from avatarify.session.keeping.settings import Settings
    from tests.drivers import AVATARS, made_motion

    folder.mkdir()
    _make_pictures(folder)
    _make_clips(folder)
    _make_models(folder)
    write_motion(folder / "m.npz", made_motion(3))
    for suffix in (".png", ".npz"):
        (folder / f"face{suffix}").write_bytes((AVATARS / f"maya{suffix}").read_bytes())
    settings = to_json(Settings(avatar="maya"))
    settings["camera"].update(name=str(folder / "a.mp4"), loop=True)
    settings["output"].update(target="none", width=128, height=96)
    settings["window"].update(has_seen_guide=True, has_given_consent=True)
    (folder / "settings.json").write_text(json.dumps(settings, indent=2))
    profile = {
        "framing": {"zoom": 1.1, "offset_x": 0.1, "offset_y": 0.0},
        "gain": 0.9,
        "gains": {"mouth": 1.2},
        "mirror": True,
        "reference": {"model": "face", "arrays": {"landmarks": [[0.5, 0.5, 0.0]] * 20}},
    }
    (folder / "profile.json").write_text(json.dumps(profile))


def _make_pictures(folder: Path) -> None:
    rows, columns = np.mgrid[0:48, 0:48]
    pixels = np.stack([rows * 5, columns * 5, rows + columns], axis=-1).astype(np.uint8)
    picture = Pillow.fromarray(pixels)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    for name in ("a.png", "d.png", "a.bmp", "a.tif", "a.gif", "a.webp", "a.avif"):
        picture.save(folder / name)
    picture.save(folder / "a.jpg", exif=exif)
    picture.convert("CMYK").save(folder / "x.jpg")
    picture.convert("P").save(folder / "p.png", transparency=3)


def _make_clips(folder: Path) -> None:
    frames = [
        np.full((48, 64, 3), (40 * number, 90, 255 - 40 * number), np.uint8) for number in range(6)
    ]
    for name, codec in (
        ("a.mp4", "libx264"), ("a.mov", "mjpeg"), ("a.webm", "libvpx"), ("a.mkv", "mpeg4"),
        ("a.avi", "mjpeg"),
    ):  # fmt: skip
        with av.open(str(folder / name), "w") as container:
            stream = container.add_stream(codec, rate=10)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = 64, 48
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            sound = container.add_stream("aac", rate=44100) if name != "a.webm" else None
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
            container.mux(stream.encode())
            if isinstance(sound, av.AudioStream):
                silence = av.AudioFrame.from_ndarray(
                    np.zeros((1, 44100), np.float32), "fltp", "mono"
                )
                silence.sample_rate = 44100
                container.mux(sound.encode(silence))
                container.mux(sound.encode())
    pictures = [Pillow.fromarray(frame) for frame in frames]
    for name in ("a.gif", "a.webp", "a.png"):
        path = folder / name
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)


def _make_models(folder: Path) -> None:
    import torch

    from avatarify.animation.portable_file import save_model
    from avatarify.networks.expression_net import ExpressionNet
    from avatarify.networks.landmark_net import LandmarkNet
    from avatarify.networks.landmark_points import LandmarkConfig
    from avatarify.tracking.landmark_file import LandmarkModel, save_landmark_model
    from tests.tiny_models import tiny_model

    for architecture, name in (("fomm", "tiny"), ("compact", "compact")):
        save_model(tiny_model(architecture), folder / f"{name}.safetensors")
    small = LandmarkConfig(
        face_size=32,
        mouth_size=16,
        eye_size=16,
        face_widths=(2, 3, 4, 4),
        mouth_widths=(2, 3, 4),
        eye_widths=(2, 3, 4),
    )
    landmarks = LandmarkModel(
        LandmarkNet(small).eval(), ExpressionNet().eval(), np.ones((478, 3), np.float32)
    )
    save_landmark_model(landmarks, folder / "landmarks.safetensors")
    weights = {"a.weight": torch.ones(4, 4), "a.bias": torch.ones(4)}
    torch.save({"kp_detector": weights, "generator": weights}, folder / "tiny.pth.tar")
    published = Path(sys.modules["avatarify"].__path__[0]) / "zoo" / "vox-256.yaml"
    (folder / "tiny.yaml").write_bytes(published.read_bytes())


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Damage a file in one to three ways."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        content = chance.choice(_DAMAGES)(content, chance)
    return content


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 4, 32)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _leave_out(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    return content[:start] + content[start + chance.choice((1, 8, 200)) :]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    part = content[start : start + chance.choice((4, 64, 4000))]
    return content[:start] + part * chance.choice((2, 20)) + content[start:]


def _set_extreme(content: bytes, chance: random.Random) -> bytes:
    """Write a number that sizes are not made for, near the beginning more often."""
    extreme = chance.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x00\x01\x00\x00" * 2))
    place = chance.randrange(min(len(content) + 1, chance.choice((64, 600, 10**9))))
    return content[:place] + extreme + content[place + len(extreme) :]


def _change_number(content: bytes, chance: random.Random) -> bytes:
    """In what is written in words: another number, text, list, or nothing at all."""
    numbers = list(re.finditer(rb"(?<=[ :\[,])-?\d+(\.\d+)?|true|false|null", content[:20_000]))
    if not numbers:
        return _flip(content, chance)
    place = chance.choice(numbers)
    odd = chance.choice(
        (b"-1", b"0", b"1000000000", b"9" * 400, b"1e999", b"0.3", b"null", b'"8"', b"[]", b"{}",
         b"[[[[1]]]]", b"true", b"2026-99-99", b"[" * 3000, b"9" * 6000)
    )  # fmt: skip
    return _grown_header(content, content[: place.start()] + odd + content[place.end() :])


def _grown_header(before: bytes, after: bytes) -> bytes:
    """Keep the length in front of a safetensors file right, so that what follows is read."""
    if before[8:9] != b"{":
        return after
    length = int.from_bytes(before[:8], "little") + len(after) - len(before)
    return length.to_bytes(8, "little") + after[8:]


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _cut, _leave_out, _repeat, _set_extreme, _set_extreme, _change_number,
    _change_number,
)  # fmt: skip


class Outcome(NamedTuple):
    """How a case ended."""

    code: int
    text: str
    seconds: float
    most_bytes: int

    @property
    def complaint(self) -> str:
        """What is wrong with it; empty if nothing is."""
        if "Traceback (most recent" in self.text:
            return "traceback"
        if self.seconds > LONGEST_S:
            return "hangs"
        if self.most_bytes > MOST_BYTES:
            return "memory"
        return "" if self.code in _EXPECTED_CODES else f"exit code {self.code}"


def run_case(words: Sequence[str], folder: Path) -> Outcome:
    """Run a command in a fork of this process, in a folder."""
    log = folder / "log.txt"
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_command(words, folder, log)
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        seconds = time.monotonic() - began
        if done:
            break
        if seconds > LONGEST_S:
            os.kill(child, signal.SIGKILL)
            _, status, usage = os.wait4(child, 0)
            break
        time.sleep(0.02)
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    return Outcome(os.waitstatus_to_exitcode(status), text, seconds, usage.ru_maxrss * 1024)


def _be_the_command(words: Sequence[str], folder: Path, log: Path) -> NoReturn:
    code = 70
    try:
        os.chdir(folder)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.stdout = os.fdopen(1, "w", errors="replace")
        sys.stderr = os.fdopen(2, "w", errors="replace", buffering=1)
        os.environ["AVATARIFY_CONFIG"] = str(folder / "config")
        os.environ["AVATARIFY_AVATARS"] = str(folder / "avatars")
        os.environ["AVATARIFY_MODELS"] = str(folder / "models")
        _limit_memory()
        faulthandler.dump_traceback_later(LONGEST_S - 5.0, exit=False)  # where it hangs
        if words[0] == "app":
            _quit_once_it_is_shown()
        from avatarify.cli import main

        code = main(list(words))
    except BaseException:
        import traceback

        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _quit_once_it_is_shown() -> None:
    """Have the window asked to quit, as a system does that shuts down."""
    from PySide6.QtWidgets import QApplication

    def look(*_: object) -> None:
        if any(widget.isVisible() for widget in QApplication.topLevelWidgets()):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_EVERY_S, _LOOK_EVERY_S)


def _limit_memory() -> None:
    """Let a case that asks for everything end before the machine does."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + 3 * MOST_BYTES,) * 2)


def cases(seed: int, count: int) -> list[tuple[str, str, tuple[str, ...], random.Random]]:
    """Return (kind, seed file, command, chance) of each case; kinds as often as they should be."""
    chance = random.Random(seed)
    kinds = chance.choices(list(KINDS), [kind.share for kind in KINDS.values()], k=count)
    return [
        (
            kind,
            chance.choice(KINDS[kind].seeds),
            chance.choice(KINDS[kind].commands),
            random.Random(chance.random()),
        )
        for kind in kinds
    ]


def run_one(
    kind: str, name: str, command: Sequence[str], chance: random.Random, folder: Path
) -> tuple[tuple[str, ...], Outcome]:
    """Damage a file and run a command on it, in a new folder beside the seeds."""
    folder.mkdir()
    (folder / "seeds").symlink_to(folder.parent / "seeds")
    content = damaged((folder / "seeds" / name).read_bytes(), chance)
    file = folder / name
    if kind == "settings":
        from avatarify.media.image_file import read_image
        from avatarify.session.avatars.profiles import avatar_key

        (folder / "config" / "profiles").mkdir(parents=True)
        key = avatar_key(read_image(folder / "seeds" / "face.png"))
        whole = (folder / "seeds" / "settings.json").read_bytes()
        (folder / "config" / "settings.json").write_bytes(whole)
        file = folder / "config" / (f"profiles/{key}.json" if name[0] == "p" else name)
    file.write_bytes(content)
    words = tuple(word.replace("FILE", file.name) for word in command)
    return words, run_case(words, folder)


def main(folder: Path, seed: int, count: int) -> int:
    """Run the cases; return how many went wrong."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    make_seeds(folder / "seeds")
    for module in _LOADED_BEFORE:
        importlib.import_module(f"avatarify.{module}")
    wrong = 0
    for number, case in enumerate(cases(seed, count)):
        words, outcome = run_one(*case, folder / f"{number:04}")
        report: dict[str, object] = {
            "case": number,
            "kind": case[0],
            "seconds": round(outcome.seconds, 1),
            "megabytes": outcome.most_bytes // 1_000_000,
            "code": outcome.code,
            "complaint": outcome.complaint,
            "words": words,
        }
        if outcome.complaint:
            wrong += 1
            report["text"] = outcome.text[-3000:]
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
    return wrong


if __name__ == "__main__":
    sys.exit(min(1, main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
