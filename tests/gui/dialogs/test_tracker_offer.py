"""Getting the face tracker's file from the window, with the real file and a real session."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from avatarify.errors import DownloadError
from avatarify.session.keeping.settings import Settings, WindowSettings
from avatarify.session.live.listener import Topic
from avatarify.zoo import store

FILE = "face_landmarker.task"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder and no other."""
    folder = tmp_path / "models"
    monkeypatch.setenv("AVATARIFY_MODELS", str(folder))
    monkeypatch.setattr(store, "SHIPPED_FOLDER", tmp_path / "none")
    monkeypatch.setattr(store, "_user_folder", lambda: tmp_path / "none")
    return folder


@pytest.fixture
def published(shared: Path) -> Path:
    return shared / "models" / FILE


def press(holder: Any, words: str) -> None:
    buttons = holder.findChildren(QPushButton)
    next(button for button in buttons if button.text().startswith(words)).click()


def missing(desk: Any) -> None:
    desk.controller.tell(Topic.TRACKER, "The face tracker's file is missing.")
    desk.until(lambda: desk.window.banners.texts)


def test_nothing_is_fetched_before_the_yes_which_names_size_and_host(
    desk: Any, models: Path
) -> None:
    desk.start()
    missing(desk)
    (words,) = desk.window.banners.texts
    assert "3.8 MB from storage.googleapis.com" in words
    assert not models.exists()


def test_a_damaged_file_is_called_so_and_replaced(desk: Any, models: Path, published: Path) -> None:
    models.mkdir()
    (models / FILE).write_bytes(b"half of it")
    desk.start()
    missing(desk)
    assert "file is damaged" in desk.window.banners.texts[0]
    desk.window.tracker_offer.take(published)
    desk.until(lambda: desk.window.banners.texts == ())
    assert (models / FILE).read_bytes() == published.read_bytes()


def test_a_chosen_file_is_installed_and_taken_without_a_break(
    desk: Any, models: Path, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.start()
    missing(desk)
    answer = (str(published), "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: answer)
    press(desk.window.banners, "Choose file")
    desk.until(lambda: desk.window.banners.texts == ())
    assert (models / FILE).read_bytes() == published.read_bytes()
    assert len(desk.sessions) == 1
    assert desk.controller.is_running


def test_another_file_is_refused_in_words_and_offered_again(
    desk: Any, models: Path, tmp_path: Path
) -> None:
    desk.start()
    missing(desk)
    wrong = tmp_path / "wrong.task"
    wrong.write_bytes(b"something else")
    desk.window.tracker_offer.take(wrong)
    desk.until(lambda: "is not the published" in desk.window.banners.texts[0])
    assert not (models / FILE).exists()
    assert len(desk.window.banners.findChildren(QPushButton)) >= 2


def test_a_download_that_fails_is_told_and_offered_again(
    desk: Any, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(on_progress: Callable[[int, int], None]) -> Path:
        on_progress(1, 2)
        raise DownloadError("No way out.")

    monkeypatch.setattr("avatarify.gui.dialogs.tracker_offer.fetch_tracker", fail)
    desk.start()
    missing(desk)
    press(desk.window.banners, "Download (3.8 MB)")
    desk.until(lambda: desk.window.banners.texts == ("No way out.",))
    assert desk.window.banners.findChildren(QPushButton)


def test_a_new_user_is_offered_it_in_the_guide(
    make_desk: Any, settings: Settings, models: Path, published: Path
) -> None:
    desk = make_desk(replace(settings, window=WindowSettings()))
    desk.window.begin()
    guide = desk.window.stage.guide
    assert not guide._offer.isVisible()
    guide.go_on()
    assert guide._offer.isVisible()
    desk.controller.tell(Topic.TRACKER, "The face tracker's file is missing.")
    assert desk.window.banners.texts == ()  # it is said once
    desk.window.tracker_offer.take(published)
    desk.until(lambda: (models / FILE).exists() and not guide._offer.isVisible())
    guide.go_on()
    guide.go_on()
    assert desk.window.banners.texts == ()


def test_a_guide_that_is_skipped_leaves_the_offer_in_a_banner(
    make_desk: Any, settings: Settings, models: Path
) -> None:
    desk = make_desk(replace(settings, window=WindowSettings()))
    desk.window.begin()
    desk.controller.tell(Topic.TRACKER, "The face tracker's file is missing.")
    desk.window.stage.guide.skip_button.click()
    assert "face tracker is missing" in desk.window.banners.texts[0]
