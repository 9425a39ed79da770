"""Starts a bundle as a user would who has nothing else, looks at what it does, and measures it.

Each program runs from an empty folder, with an empty home, without rights (of root's, only the name
is left) and without the environment of whoever builds. The window opens on a display of its own.

    python bundle/check_bundle.py dist/avatarify [--live-seconds 60]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

import av
import pillow_heif
from PIL import Image

AIM_MEGABYTES, AIM_FIRST_FRAME_S = 700, 5.0
PATIENCE_S = 60.0
LIVE_S = 60


class Home:
    """A home folder with nothing in it, and what is started there."""

    def __init__(self, program: Path, folder: Path) -> None:
        """Make it.

        Args:
            program: The bundle's own.
            folder: Empty.
        """
        self.program, self.folder = program, folder
        self.work = folder / "work"
        self.work.mkdir()
        self.log = folder / "logs" / "avatarify.log"

    def command(self, *words: str) -> list[str]:
        """The command line of a start, without rights where that can be had."""
        drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        can_drop = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("setpriv")
        return [*(drop if can_drop else ()), str(self.program), *words]

    def environment(self, **further: str) -> dict[str, str]:
        """The variables of a start."""
        names = ("PATH", "SYSTEMROOT", "TEMP") if os.name == "nt" else ()
        kept = {name: os.environ[name] for name in names if name in os.environ}
        kept.setdefault("PATH", "/usr/bin:/bin")
        homes = {"HOME": str(self.folder), "USERPROFILE": str(self.folder)}
        places = {"AVATARIFY_LOGS": str(self.log.parent), "LANG": "C.UTF-8"}
        return {**kept, **homes, **places, **further}

    def run(self, *words: str, code: int | None = 0) -> tuple[str, str, float]:
        """Run to the end; what was printed, what was complained about, and the seconds."""
        start = time.monotonic()
        finished = subprocess.run(
            self.command(*words),
            cwd=self.work,
            env=self.environment(),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=300,
        )
        if code is not None and finished.returncode != code:
            raise SystemExit(
                f"check: {' '.join(words)} ended with {finished.returncode}\n{finished.stdout}\n"
                f"{finished.stderr}"
            )
        return finished.stdout, finished.stderr, time.monotonic() - start


def main() -> int:
    """Check the bundle that is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--live-seconds", type=int, default=LIVE_S, help="how long it runs live")
    arguments = parser.parse_args()
    return check(arguments.folder.resolve(), arguments.live_seconds)


def check(folder: Path, live_s: int = LIVE_S) -> int:
    """Check a bundle; 1 if something does not work. The aims are printed, and do not fail."""
    program = folder / ("avatarify.exe" if os.name == "nt" else "avatarify")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        home = Home(program, Path(place))
        size = sum(map(size_on_disk, folder.rglob("*")))
        say(f"{size / 1e6:.0f} MB unpacked (aim: {AIM_MEGABYTES})")
        say(f"--version: {check_version(home):.1f} s")
        say(f"demo: a video in {check_demo(home):.1f} s")
        say(f"doctor: {check_doctor(home):.1f} s")
        say(f"a picture as telephones take it, explained: {check_picture(home):.1f} s")
        check_menu(home)
        check_live(home, live_s)
        check_window(home)
    say("all well")
    return 0


def check_version(home: Home) -> float:
    """It names itself, and finds its models."""
    out, _, seconds = home.run("--version")
    require("(bundle)" in out and "model compact: sha256" in out, out)
    return seconds


def check_demo(home: Home) -> float:
    """It animates an avatar without window, and writes a video."""
    out, errors, seconds = home.run("demo", "--no-window")
    require("live." in errors and "Wrote demo.mp4" in out, errors)
    require((home.work / "demo.mp4").stat().st_size > 50_000, "the demo's video is empty")
    return seconds


def check_doctor(home: Home) -> float:
    """The doctor misses nothing that the bundle brings; the machine may lack a camera."""
    out, _, seconds = home.run("doctor", "--json", "--report", "report.txt", code=None)
    findings = {each["subject"]: each for each in json.loads(out)["findings"]}
    for subject in ("Python", "Packages", "Graphics card", "Model compact", "Face tracker"):
        require(findings[subject]["level"] == "ok", str(findings[subject]))
    require("pip install" not in out, "the doctor advises to install packages into a bundle")
    require(str(home.folder) not in (home.work / "report.txt").read_text("utf-8"), "home is named")
    return seconds


def check_picture(home: Home) -> float:
    """It reads what telephones write, finds the face, and draws diagrams of it."""
    assets = home.program.parent / "_internal" / "avatarify" / "shipped" / "assets"
    with Image.open(assets / "avatars" / "maya.png") as portrait:
        pillow_heif.from_pillow(portrait.convert("RGB")).save(home.work / "maya.heic")
    (home.work / "driving").mkdir()
    with av.open(str(assets / "demo_driving.mp4")) as clip:
        for number, frame in enumerate(islice(clip.decode(video=0), 12)):
            picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
            picture.save(home.work / "driving" / f"{number:02}.png")
    words = ["--avatar", "maya.heic", "--driving", "driving"]
    _, _, seconds = home.run("explain", *words, "--output", "explained.png")
    require((home.work / "explained.png").stat().st_size > 50_000, "nothing is explained")
    return seconds


def check_menu(home: Home) -> None:
    """It enters its user's menu as what it is, and leaves it again."""
    if sys.platform != "linux":
        return
    entry = home.folder / ".local" / "share" / "applications" / "avatarify.desktop"
    home.run("desktop", "install")
    require(str(home.program) in entry.read_text("utf-8"), "the menu entry starts something else")
    home.run("desktop", "remove")
    require(not entry.exists(), "the menu entry stays")


def check_live(home: Home, live_s: int) -> None:
    """A face in a clip, followed by the shipped tracker, for a while with both engines.

    Each starts twice: the first time it compiles what it keeps.
    """
    inside = home.program.parent / "_internal"
    clip = inside / "avatarify" / "shipped" / "assets" / "demo_driving.mp4"
    for model, seconds in (("face", str(live_s)), ("compact", "10")):
        words = ["run", "--camera", str(clip), "--loop", "--output", "none", "--seconds"]
        for start in ("first", "second"):
            home.log.unlink(missing_ok=True)
            begin = datetime.now()
            length = seconds if start == "second" else "1"
            _, errors, _ = home.run(*words, length, "--model", model, "--stats", "stats.json")
            require("avatarify: live." in errors and "is not used" not in errors, errors)
            waited = (when_logged("Session: live.", home.log) - begin).total_seconds()
            say(f"{start} start of run with {model}: moving after {waited:.1f} s")
        measured = next(line for line in errors.splitlines() if "Measured" in line)
        say(f"{seconds} s live with {model}: {measured.removeprefix('avatarify: Measured: ')}")


def when_logged(words: str, log: Path) -> datetime:
    """The time of the first line of a log that says something."""
    line = next(line for line in log.read_text("utf-8").splitlines() if words in line)
    return datetime.strptime(line.partition(" INFO ")[0], "%Y-%m-%d %H:%M:%S,%f")


def check_window(home: Home) -> None:
    """The window opens and shows the demo live, cold and then with what the first start kept."""
    if sys.platform == "linux" and shutil.which("Xvfb") is None:
        say("no Xvfb: the window was not opened")
        return
    with display() as variables:
        for name in ("first", "second"):
            shown, live, worked = open_window(home, variables)
            say(
                f"{name} start of the window: shown after {shown:.1f} s, first moving picture "
                f"after {live:.1f} s (aim: {AIM_FIRST_FRAME_S:.0f}){worked}"
            )


def open_window(home: Home, variables: dict[str, str]) -> tuple[float, float, str]:
    """Open the window on the demo and end it.

    Returns:
        Seconds until it was shown, until it moved, and what the processor did until then, in words.
    """
    home.log.unlink(missing_ok=True)
    start = time.monotonic()
    with subprocess.Popen(
        home.command("demo"), cwd=home.work, env=home.environment(**variables)
    ) as program:
        try:
            shown = wait_for("The window is shown.", home.log, program) - start
            live = wait_for("Session: live.", home.log, program) - start
            worked = processor_time(program.pid)
        finally:
            program.terminate()
        require(program.wait(PATIENCE_S) == 0, "the window did not end in order")
    return shown, live, worked


def processor_time(process: int) -> str:
    """How long processors worked for a process: what a start costs where others are busy too."""
    if sys.platform != "linux":
        return ""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return f"; {seconds:.1f} s of processor time"


def wait_for(words: str, log: Path, program: "subprocess.Popen[bytes]") -> float:
    """Wait until the log says something; the time of that."""
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE_S:
        text = log.read_text("utf-8", errors="replace") if log.is_file() else ""
        if words in text:
            return time.monotonic()
        require(program.poll() is None, f"the window ended by itself:\n{text}")
        time.sleep(0.02)
    raise SystemExit(f"check: the log does not say “{words}”:\n{text}")


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """A display without a screen; on Windows and macOS, the system's own."""
    if sys.platform != "linux":
        yield {}
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            # Without -noreset it turns clients away for a moment after the last one has left.
            *("Xvfb", "-noreset", "-displayfd", str(writing)),
            *("-screen", "0", "1400x900x24", "-nolisten", "tcp"),
        ],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield {"DISPLAY": f":{answer.readline().strip()}"}
    finally:
        server.terminate()
        server.wait()


def size_on_disk(path: Path) -> int:
    """Bytes of a file; none of folders and links."""
    return path.stat().st_size if path.is_file() and not path.is_symlink() else 0


def require(is_so: bool, complaint: str) -> None:
    """End with a complaint unless something is so."""
    if not is_so:
        raise SystemExit(f"check: FAILED: {complaint}")


def say(text: str) -> None:
    """Tell what was seen."""
    print(f"check: {text}", flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    sys.exit(main())
