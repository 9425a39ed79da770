"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from avatarify.animation.backends import kept_graphs, refusals
from avatarify.networks.silent_openvino import openvino
from avatarify.session.keeping import tracker_trial

with suppress(ImportError):
    openvino()  # before a test imports it by itself, and reports it

SHARED = Path(__file__).resolve().parents[2] / "shared"


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
    """What is found out about the trackers is not written into the user's cache."""
    folder = tmp_path_factory.mktemp("trackers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracker_trial, "default_folder", lambda: folder)
        yield


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Permissions mean nothing to root: become nobody for a while."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no user ids")
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)
