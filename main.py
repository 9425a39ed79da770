"""Set Avatarify up where that is needed, then run it.

`python main.py` opens the app, `python main.py demo` shows it at work, `python main.py test` runs
every check of the project, `python main.py bundle` makes a folder and a package that need no
Python (`test --bundle` does both at once); all other arguments go to `avatarify`. Where the package
is not installed this file makes `.venv` beside itself and installs the project there, so that a
machine with nothing but Python needs no other step. Hence only the standard library, and syntax
that old versions of Python can read as far as the message that sends their users away.
"""

# ruff: noqa: E402 - old versions of Python must be told so before they meet an import they lack
import sys

NEEDED_PYTHON = (3, 11)
if sys.version_info < NEEDED_PYTHON:
    sys.exit(
        "Avatarify needs Python {}.{} or newer, and this is Python {}.{} ({}). Install a newer one "
        "from https://www.python.org/downloads/ and run main.py with it.".format(
            *NEEDED_PYTHON, *sys.version_info[:2], sys.executable
        )
    )

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple, TypedDict

ROOT = Path(__file__).resolve().parent
BUNDLE = ROOT / "bundle"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STATE_FILE = VENV / "avatarify-install.json"
LOCK_FILE = VENV / "avatarify-install.lock"

BUNDLE_TOOLS = ("hatchling", "packaging", "pyinstaller")
TEST_TOOLS = (
    *BUNDLE_TOOLS,
    "furo",
    "import-linter",
    "mypy",
    "myst-parser",
    "pytest",
    "pytest-cov",
    "pytest-qt",
    "pytest-timeout",
    "pytest-xdist",
    "ruff",
    "sphinx",
)

EXTRAS = {"test": "dev", "bundle": "bundle"}
"""What a command of the launcher itself needs beside the program, as an extra of the project."""

TOOLS = {"dev": TEST_TOOLS, "bundle": BUNDLE_TOOLS}
INTERRUPTED = 130
NO_TESTS = 5  # pytest's exit code
MOST_TEST_PROCESSES = 4  # each takes up to 4 GB of memory


class InstallState(TypedDict):
    """What `STATE_FILE` records about `.venv`; unfinished means failed or interrupted."""

    is_finished: bool
    is_ours: bool  # made by this launcher, which may therefore delete and rebuild it
    project: str  # an editable install points at this folder: a moved project is installed anew
    pyproject_sha256: str
    python: str
    extras: list[str]


class SetUpError(Exception):
    """Setting up failed in a way that the user can mend."""


def main(arguments: Sequence[str]) -> int:
    """Run `arguments` in an interpreter that has the package, setting one up first if needed."""
    extra = EXTRAS.get(arguments[0], "") if arguments else ""
    try:
        if not runs_in_our_venv() and not is_installed_here(extra):
            ensure_installed(extra)
            return continue_in_venv(arguments)
        if runs_in_our_venv():
            ensure_installed(extra)
    except SetUpError as error:
        print(f"main.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("main.py: Stopped. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    if extra == "dev":
        return run_checks(arguments[1:])
    return run_bundle(arguments[1:]) if extra else run_avatarify(arguments)


def run_avatarify(arguments: Sequence[str]) -> int:
    """Hand `arguments` to the command line of the package."""
    from avatarify.cli import main as avatarify_main

    return avatarify_main(arguments)


def runs_in_our_venv() -> bool:
    """Tell whether this interpreter is the one of `.venv`."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def is_installed_here(extra: str) -> bool:
    """Tell whether this interpreter, chosen by the user, already has the package and its extra."""
    # The project's own folder is on the path and may hold an egg-info left by another interpreter.
    path = [entry for entry in sys.path if Path(entry).resolve() != ROOT]
    needed = ("avatarify", *TOOLS.get(extra, ()))
    return all(any(importlib.metadata.distributions(name=name, path=path)) for name in needed)


def continue_in_venv(arguments: Sequence[str]) -> int:
    """Start this file again with the interpreter of `.venv`; on POSIX this does not return."""
    command = [str(VENV_PYTHON), str(ROOT / "main.py"), *arguments]
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - our own interpreter; no shell is wanted
    # Windows has no exec: its imitation returns to the shell at once, with the child still running.
    with subprocess.Popen(command) as child:
        while True:
            # Ctrl-C reaches the child too, and the child decides how to end.
            with contextlib.suppress(KeyboardInterrupt):
                return child.wait()


# --- setting up ---------------------------------------------------------------------------------


def ensure_installed(extra: str) -> None:
    """Make `.venv` hold a finished, current installation with `extra`; cheap when it does.

    Raises:
        SetUpError: It could not be made.
    """
    if is_current(read_state(), extra):
        return
    try:
        with install_lock() as lock:
            state = read_state()
            if not is_current(state, extra):  # else another launcher did it while we waited
                install(state, extra, lock)
    except OSError as error:
        raise SetUpError(f"Setting up {VENV} failed: {error}.") from error


def read_state() -> InstallState | None:
    """Return the record of the last installation, or None where there is none to be trusted."""
    try:
        state: InstallState = json.loads(STATE_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return (
        state
        if isinstance(state, dict) and state.keys() == InstallState.__required_keys__
        else None
    )


def is_current(state: InstallState | None, extra: str) -> bool:
    """Tell whether `state` describes a finished installation of this project as it is now."""
    return (
        state is not None
        and state["is_finished"]
        and state["project"] == str(ROOT)
        and state["pyproject_sha256"] == pyproject_sha256()
        and (not extra or extra in state["extras"])
        and state["python"] == venv_python_version()
    )


def pyproject_sha256() -> str:
    """Return the hash of the files that say what has to be installed, and compiled."""
    sources = sorted((ROOT / "avatarify" / "animation" / "native").glob("*.[ch]"))
    files = (ROOT / "pyproject.toml", *sources)
    contents = b"".join(file.read_bytes() for file in files if file.is_file())
    return hashlib.sha256(contents).hexdigest()


def venv_python_version() -> str:
    """Return the version (such as 3.11) of the interpreter of `.venv`, empty if it does not start.

    An upgrade of the system's Python changes it under a `.venv` whose packages it cannot see.
    """
    code = "import sys; print(*sys.version_info[:2], sep='.', end='')"
    command = [str(VENV_PYTHON), "-I", "-c", code]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


@contextlib.contextmanager
def install_lock() -> Iterator[IO[str]]:
    """Hold the right to change `.venv`, waiting for another launcher that has it."""
    VENV.mkdir(exist_ok=True)
    with LOCK_FILE.open("a", encoding="utf-8") as file:
        if not try_lock(file):
            say("Another launcher is setting Avatarify up; waiting for it.")
            while not try_lock(file):
                time.sleep(0.2)
        yield file


def try_lock(file: IO[str]) -> bool:
    """Lock `file` until it is closed, by the system, so that no crash leaves a lock behind."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def install(state: InstallState | None, extra: str, lock: IO[str]) -> None:
    """Install the project with `extra`, and with the extras it had before, into `.venv`."""
    start = time.monotonic()
    extras = sorted({*(state["extras"] if state else []), extra} - {""})
    is_ours = prepare_venv(state)
    say("Installing Avatarify and what it needs. The first time this takes a few minutes.")
    project = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    if not run_pip(["--editable", project], lock):
        raise SetUpError(
            "The installation failed; pip says why above. Check the network connection and the "
            "free disk space, then run the same command again."
        )
    add_openvino(lock)
    add_hotkeys(lock)
    write_state(is_finished=True, is_ours=is_ours, extras=extras)
    say(f"Ready after {time.monotonic() - start:.0f} s.")


def prepare_venv(state: InstallState | None) -> bool:
    """Leave a `.venv` that pip can install into, marked unfinished; tell whether it is ours.

    A `.venv` that somebody made by hand is kept. One of ours whose installation was interrupted is
    rebuilt, because pip takes a half-copied package for an installed one.
    """
    version = venv_python_version()
    is_ours = state is not None and state["is_ours"]
    was_interrupted = is_ours and state is not None and not state["is_finished"]
    if not version or was_interrupted or (state is not None and state["python"] != version):
        build_venv()
        return True
    write_state(is_finished=False, is_ours=is_ours, extras=state["extras"] if state else [])
    pip = [str(VENV_PYTHON), "-I", "-m", "pip", "--version"]
    if subprocess.run(pip, capture_output=True, check=False).returncode:  # `uv venv` leaves it out
        run_quietly([str(VENV_PYTHON), "-m", "ensurepip"])
    return is_ours


def build_venv() -> None:
    """Make `.venv` anew, deleting what is there."""
    if runs_in_our_venv():
        raise SetUpError(f"{VENV} is incomplete. Run main.py with another Python to rebuild it.")
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise SetUpError(
                f"This Python cannot make virtual environments: it has no {module}. On Debian and "
                "Ubuntu `sudo apt install python3-venv` adds it; then run the same command again."
            )
    old = [path for path in VENV.iterdir() if path != LOCK_FILE]
    say(f"{'Rebuilding the incomplete' if old else 'Making'} {VENV}")
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    write_state(is_finished=False, is_ours=True, extras=[])
    run_quietly([sys.executable, "-m", "venv", str(VENV)])


def run_quietly(command: Sequence[str]) -> None:
    """Run a preparing command whose output matters only if it fails."""
    finished = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False
    )
    if finished.returncode:
        output = (finished.stdout + finished.stderr).strip()
        raise SetUpError(f"`{' '.join(command)}` failed: {output}")


def run_pip(arguments: Sequence[str], lock: IO[str], *, is_quiet: bool = False) -> bool:
    """Install into `.venv`, with pip's own progress on the screen unless `is_quiet`."""
    command = [
        str(VENV_PYTHON),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]
    finished = subprocess.run(
        [*command, *arguments],
        capture_output=is_quiet,
        check=False,
        env={**os.environ, "PIP_USER": "0"},  # a `user = true` in pip's settings fails in a venv
        # pip keeps the lock should this process be killed: nobody else may write then either.
        pass_fds=(lock.fileno(),) if os.name == "posix" else (),
    )
    return finished.returncode == 0


def add_openvino(lock: IO[str]) -> None:
    """Add the extra `fast`, which has no wheel for some systems and is not worth failing for."""
    command = add_extra("fast", lock)
    if command is not None:
        say(
            "OpenVINO could not be installed, all else works: without a graphics card animating is "
            f"slower. `{command}` tries again."
        )


def add_hotkeys(lock: IO[str]) -> None:
    """Add the extra `hotkeys`, which has to be compiled on Linux and is not worth failing for."""
    command = add_extra("hotkeys", lock)
    if command is not None:
        say(
            "Global hotkeys stay off, all else works: they need a C compiler and Python's headers. "
            "On Debian and Ubuntu `sudo apt install gcc python3-dev` adds them, and then "
            f"`{command}` the hotkeys."
        )


def add_extra(name: str, lock: IO[str]) -> str | None:
    """Install what an extra asks for; where that fails, return the command that tries again."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project.get("optional-dependencies", {}).get(name, [])
    if not requirements or run_pip(requirements, lock, is_quiet=True):
        return None
    return f"{VENV_PYTHON} -m pip install {shlex.join(requirements)}"


def write_state(*, is_finished: bool, is_ours: bool, extras: list[str]) -> None:
    """Record the installation, replacing the record at once so that it is never half-written."""
    state = InstallState(
        is_finished=is_finished,
        is_ours=is_ours,
        project=str(ROOT),
        pyproject_sha256=pyproject_sha256(),
        python=venv_python_version(),
        extras=extras,
    )
    new_file = STATE_FILE.with_suffix(".new")
    new_file.write_text(json.dumps(state, indent=1), encoding="utf-8")
    new_file.replace(STATE_FILE)


def say(text: str) -> None:
    """Tell the user what happens, before the output of what is started next."""
    print(f"main.py: {text}", flush=True)


# --- checks -------------------------------------------------------------------------------------


def run_checks(arguments: Sequence[str]) -> int:
    """Run every check, all of them even where one fails, and return 1 if any did.

    Args:
        arguments: Those of pytest. With `--bundle` the bundle is made too, and checked at last.
    """
    has_bundle = "--bundle" in arguments
    pytest_arguments = [each for each in arguments if each != "--bundle"]
    python = [sys.executable, "-m"]
    at_once = {
        "lint": [*python, "ruff", "check"],
        "format": [*python, "ruff", "format", "--check"],
        "layers": [sys.executable, "-c", "import importlinter.cli as c; c.lint_imports_command()"],
    }
    beside = {
        "docs": [*python, "sphinx", "-q", "-W", "--keep-going", "docs", "build/docs"],
        "types": [*python, "mypy"],
    }
    if has_bundle:
        beside = {"bundle": [sys.executable, str(BUNDLE / "build_bundle.py")], **beside}
    processes = min(os.cpu_count() or 1, MOST_TEST_PROCESSES)
    together = ["-n", str(processes), "--dist", "worksteal"] if processes > 1 else []
    pytest = [*python, "pytest", *pytest_arguments]
    passed = {name: said(finished(name, command)) for name, command in at_once.items()}
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(finished, name, patient(line)) for name, line in beside.items()]
        passed["tests"] = passes("tests", [*pytest, "--share=together", *together])
        for name, result in zip(beside, results, strict=True):
            passed[name] = said(result.result())
    passed["tests alone"] = passes("tests alone", [*pytest, "--share=alone"])
    if passed.get("bundle"):
        check = [sys.executable, str(BUNDLE / "check_bundle.py"), str(ROOT / "dist" / "avatarify")]
        check += ["--live-seconds", "20"]  # enough for the figures; `bundle --check` takes a minute
        passed["bundle check"] = passes("bundle check", check)
    failed = [name for name, has_passed in passed.items() if not has_passed]
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def patient(command: Sequence[str]) -> list[str]:
    """Let a command take what the tests leave of the processors: they often wait."""
    nice = shutil.which("nice")
    return [nice, "-n", "19", *command] if nice else list(command)


def passes(name: str, command: Sequence[str]) -> bool:
    """Run tests, with their progress on the screen, and say how it went."""
    say(f"{name} ...")
    start = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    # The arguments may have asked for tests of the other share alone.
    return said(Finished(name, "", code in (0, NO_TESTS), time.monotonic() - start))


class Finished(NamedTuple):
    """A check that has run, perhaps beside another; what it printed is shown in one piece."""

    name: str
    printed: str
    has_passed: bool
    seconds: float


def finished(name: str, command: Sequence[str]) -> Finished:
    """Run one check without a word."""
    start = time.monotonic()
    ended = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return Finished(name, ended.stdout, ended.returncode == 0, time.monotonic() - start)


def said(check: Finished) -> bool:
    """Show what a check printed, and say how it went."""
    print(check.printed, end="", flush=True)
    say(f"{check.name}: {'ok' if check.has_passed else 'FAILED'}, {check.seconds:.0f} s")
    return check.has_passed


def run_bundle(arguments: Sequence[str]) -> int:
    """Make the bundle, in a process of its own."""
    command = [sys.executable, str(BUNDLE / "build_bundle.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
