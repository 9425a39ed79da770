"""Fixtures that every test may use, and what lets two processes share the tests."""

# ruff: noqa: E402 - libraries count the processors when they are imported
import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if _IS_WORKER:  # before a library counts the processors: each of two processes has one of two
    os.environ.setdefault("OMP_NUM_THREADS", "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would every program that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup's, likewise

from avatarify.animation.backends import kept_graphs, refusals
from avatarify.networks.silent_openvino import openvino
from avatarify.session.keeping import tracker_trial
from avatarify.streaming.crossfade import Crossfade
from avatarify.tracking import kept_landmarks

with suppress(ImportError):
    openvino()  # before a test imports it by itself, and reports it

_OF_A_DESKTOP = {"desktop", "display", "pipewire_session"}
"""Fixtures that start daemons, which answer late beside other work."""

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `main.py test` divide the tests between two runs."""
    parser.addoption(
        "--share",
        choices=["together", "alone"],
        help="only the tests that bear others beside them, or only those that do not",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file that has nothing for the share that is alone: all take half a minute."""
    if config.getoption("--share") != "alone" or collection_path.suffix != ".py":
        return None
    return True if not _may_be_alone(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the share that was asked for."""
    share = config.getoption("--share")
    if share is None:
        return
    shares = {True: "alone", False: "together"}
    share_of = {item: shares[_wants_to_be_alone(item)] for item in items}
    for item in items:
        if share_of[item] == "alone" and not _may_be_alone(item.path):
            names = ", ".join(sorted(_OF_A_DESKTOP))
            raise pytest.UsageError(f"{item.nodeid} wants to be alone: name one of {names} in it")
    config.hook.pytest_deselected(items=[item for item in items if share_of[item] != share])
    items[:] = [item for item in items if share_of[item] == share]


def _may_be_alone(file: Path) -> bool:
    text = file.read_text(encoding="utf-8")
    return any(word in text for word in ("mark.alone", *_OF_A_DESKTOP))


def _wants_to_be_alone(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("alone") is not None or bool(fixtures & _OF_A_DESKTOP)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Make what a test printed fit for the way to another process: names may hold any byte."""
    if _IS_WORKER:
        report.sections = [
            (title, text.encode("utf-8", "backslashreplace").decode("utf-8"))
            for title, text in report.sections
        ]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of clips, portraits and parity vectors beside the project."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared (clips, portraits, parity vectors), which users do not have")
    return SHARED


@pytest.fixture(autouse=True)
def private_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the user's log."""
    monkeypatch.setenv("AVATARIFY_LOGS", str(tmp_path / "logs"))


@pytest.fixture(autouse=True)
def no_kept_graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what an earlier one compiled or refused; none writes into the user's cache."""
    monkeypatch.setattr(kept_graphs, "default_folder", lambda: tmp_path / "kept_graphs")
    monkeypatch.setattr(refusals, "default_folder", lambda: tmp_path / "refused")


@pytest.fixture(scope="session", autouse=True)
def trackers_are_tried_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is found out about the trackers, and compiled, is not written into the user's cache."""
    folder = tmp_path_factory.mktemp("trackers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracker_trial, "default_folder", lambda: folder)
        patch.setattr(kept_landmarks, "default_folder", lambda: folder / "landmarks")
        yield


@pytest.fixture
def no_more_fades(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets sessions end at once from then on: when all is asserted nobody watches the last fade."""
    return lambda: monkeypatch.setattr(Crossfade, "is_active", lambda *_: False)


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[None]:
    """Permissions mean nothing to root: become nobody for a while, who may enter `tmp_path`."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no user ids")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(0o755)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)
