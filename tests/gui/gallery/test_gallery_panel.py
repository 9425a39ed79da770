from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from avatarify.frames import Image
from avatarify.geometry.average_face import face_in_the_middle
from avatarify.gui.gallery.gallery_panel import GalleryPanel
from avatarify.gui.gallery.portrait_import import Candidate, ImportDialog
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.picture import as_qimage
from avatarify.media.image_file import read_image, write_image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary
from avatarify.session.avatars.portrait_intake import Intake, by_hand
from avatarify.session.avatars.thumbnails import ThumbnailStore
from avatarify.tracking.portrait_check import NO_FACE

PATIENCE_MS = 30_000


@pytest.fixture
def gallery(
    qtbot: QtBot, library: AvatarLibrary, thumbnails: ThumbnailStore, background: Background
) -> GalleryPanel:
    panel = GalleryPanel(library, thumbnails, background)
    panel.imports.has_consent = True
    panel.resize(300, 600)
    qtbot.addWidget(panel)
    panel.show()
    return panel


@pytest.fixture
def heard(gallery: GalleryPanel) -> list[Any]:
    heard: list[Any] = []
    gallery.chosen.connect(heard.append)
    gallery.told.connect(heard.append)
    return heard


def names(gallery: GalleryPanel) -> list[str]:
    return [entry.name for entry in gallery.model.entries]


def accept(gallery: GalleryPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: gallery.imports.dialog is not None, timeout=PATIENCE_MS)
    assert gallery.imports.dialog is not None
    gallery.imports.dialog.add_button.click()


def files(*paths: Path) -> QMimeData:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return content


def intake_without_a_face(image: Image) -> Intake:
    return Intake(image, None, image, None, (NO_FACE,), is_usable=True)


@pytest.fixture
def own(library: AvatarLibrary, make_picture: Callable[..., Image]) -> AvatarEntry:
    return library.add(Avatar("Mine", make_picture(90)))


def test_thumbnails_arrive_and_broken_files_are_marked(
    gallery: GalleryPanel, library: AvatarLibrary, qtbot: QtBot
) -> None:
    library.user_folder.mkdir()
    (library.user_folder / "broken.png").write_bytes(b"no picture")
    gallery.model.reload()
    ada, broken = gallery.model.entries[0], gallery.model.entries[-1]
    qtbot.waitUntil(lambda: gallery.model.picture(ada) is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(gallery.model.problem(broken)), timeout=PATIENCE_MS)
    assert gallery.model.picture(broken) is None
    assert "broken.png" in gallery.model.item(3).toolTip()
    gallery.grab()


def test_500_files_are_listed_at_once_and_read_only_where_seen(
    gallery: GalleryPanel, library: AvatarLibrary
) -> None:
    library.user_folder.mkdir()
    for number in range(500):
        (library.user_folder / f"{number}.png").write_bytes(b"broken")
    gallery.model.reload()
    gallery.grab()
    assert gallery.model.rowCount() == 503
    assert len(gallery.model._asked) < 60


def test_a_click_chooses(gallery: GalleryPanel, heard: list[Any]) -> None:
    place = gallery.view.visualRect(gallery.model.index(1, 0)).center()
    QTest.mouseClick(gallery.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [entry.name for entry in heard] == ["Bo"]


def test_a_dropped_file_becomes_an_avatar(
    gallery: GalleryPanel,
    heard: list[Any],
    qtbot: QtBot,
    tmp_path: Path,
    make_picture: Callable[..., Image],
) -> None:
    path = tmp_path / "portrait.png"
    write_image(path, make_picture(100, 60, 80))
    content = files(path)
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), actions, content, buttons, keys)
    gallery.view.dragEnterEvent(enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(5, 5), actions, content, buttons, keys, QEvent.Type.Drop)
    gallery.view.dropEvent(drop)
    accept(gallery, qtbot)
    qtbot.waitUntil(lambda: "portrait" in names(gallery), timeout=PATIENCE_MS)
    entry = gallery.model.entries[-1]
    assert heard[-1] == entry
    assert read_image(entry.path).shape == (512, 512, 3)


def test_a_pasted_picture_becomes_an_avatar(
    gallery: GalleryPanel, qtbot: QtBot, qapp: QApplication, make_picture: Callable[..., Image]
) -> None:
    QGuiApplication.clipboard().setImage(as_qimage(make_picture()).copy())
    gallery.paste()
    accept(gallery, qtbot)
    qtbot.waitUntil(lambda: "Pasted picture" in names(gallery), timeout=PATIENCE_MS)


def test_text_on_the_clipboard_is_told(gallery: GalleryPanel, heard: list[Any]) -> None:
    QGuiApplication.clipboard().setText("hello")
    gallery.paste()
    assert "no picture on the clipboard" in heard[0]


def test_the_first_own_picture_needs_consent(
    gallery: GalleryPanel, qtbot: QtBot, make_picture: Callable[..., Image]
) -> None:
    gallery.imports.has_consent = False
    gallery.imports.take_picture(as_qimage(make_picture()))
    qtbot.waitUntil(lambda: gallery.imports.dialog is not None, timeout=PATIENCE_MS)
    dialog = gallery.imports.dialog
    assert dialog is not None
    assert not dialog.add_button.isEnabled()
    with qtbot.waitSignal(gallery.imports.consented):
        dialog.consent_box.click()
        assert dialog.add_button.isEnabled()
        dialog.add_button.click()
    assert gallery.imports.has_consent


def test_a_picture_without_a_face_is_taken_and_its_points_can_be_set(
    gallery: GalleryPanel, qtbot: QtBot, make_picture: Callable[..., Image]
) -> None:
    drawing = make_picture(120, 160, 200)
    dialog = ImportDialog(
        Candidate("Drawing", intake_without_a_face(drawing)), gallery, asks_consent=False
    )
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.add_button.isEnabled()
    assert any("No human face" in line.text() for line in dialog.findChildren(QLabel))
    with qtbot.waitSignal(dialog.correction_asked):
        dialog.correct_button.click()
    dialog.show_intake(by_hand(drawing, face_in_the_middle((160, 200))))
    assert dialog.correct_button.text() == "Correct the face…"
    qtbot.waitUntil(
        lambda: any("set by hand" in line.text() for line in dialog.findChildren(QLabel)),
        timeout=PATIENCE_MS,
    )
    assert dialog.candidate.intake.avatar("Drawing").has_face


def test_the_menu_offers_to_correct_the_face_of_any_avatar(
    gallery: GalleryPanel, qtbot: QtBot
) -> None:
    entry = gallery.model.entries[0]
    actions = {action.text(): action for action in gallery.view.menu_for(entry).actions()}
    with qtbot.waitSignal(gallery.correction_asked) as asked:
        actions["Correct the face…"].trigger()
    assert asked.args == [entry]
    gallery.show_chosen(entry)
    with qtbot.waitSignal(gallery.correction_asked) as asked:
        gallery.correct_selected()
    assert asked.args == [entry]


def test_a_file_that_is_no_picture_is_refused_in_words(
    gallery: GalleryPanel, heard: list[Any], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture")
    gallery.imports.take_files([path])
    qtbot.waitUntil(lambda: bool(heard), timeout=PATIENCE_MS)
    assert "notes was not added" in heard[0]
    assert gallery.imports.dialog is None


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_of_a_picture_that_moves_the_first_is_taken_and_that_is_said(
    gallery: GalleryPanel, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"wave{suffix}"
    pictures = [Pillow.new("RGB", (64, 64), (40 + 50 * number, 90, 90)) for number in range(4)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    gallery.imports.take_files([path])
    qtbot.waitUntil(lambda: gallery.imports.dialog is not None, timeout=PATIENCE_MS)
    dialog = gallery.imports.dialog
    assert dialog is not None
    words = [each.text() for each in dialog.findChildren(QLabel)]
    assert f"wave{suffix} holds 4 pictures. The first one is taken." in words
    assert dialog.intake.original[0, 0, 0] == pytest.approx(40, abs=2)
    dialog.reject()


def test_a_folder_that_cannot_be_read_is_told(
    gallery: GalleryPanel, heard: list[Any], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0)
    request.getfixturevalue("unprivileged")
    gallery.imports.take_files([locked])
    assert heard == [
        f"The folder {locked} cannot be read (Permission denied). Give yourself the permission, or "
        "use a copy elsewhere."
    ]


def test_a_dropped_folder_gives_its_pictures_one_after_the_other(
    gallery: GalleryPanel, qtbot: QtBot, tmp_path: Path, make_picture: Callable[..., Image]
) -> None:
    folder = tmp_path / "portraits"
    folder.mkdir()
    for name in ("one", "two"):
        write_image(folder / f"{name}.png", make_picture())
    (folder / "notes.txt").touch()
    gallery.view.take(files(folder))
    for count in (1, 2):
        accept(gallery, qtbot)
        qtbot.waitUntil(lambda c=count: len(names(gallery)) == 3 + c, timeout=PATIENCE_MS)  # type: ignore[misc]  # a lambda's default
    assert set(names(gallery)[3:]) == {"one", "two"}


def test_an_avatar_is_renamed_in_place(
    gallery: GalleryPanel, own: AvatarEntry, heard: list[Any], qtbot: QtBot
) -> None:
    gallery.model.reload()
    gallery.show_chosen(own)
    gallery.rename_selected()
    editor = gallery.view.findChild(QLineEdit)
    assert editor is not None
    editor.setText("Better")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(gallery)[-1] == "Better", timeout=PATIENCE_MS)
    assert not own.path.exists()
    assert "Better" in [getattr(each, "name", "") for each in heard]


def test_a_taken_name_is_told_and_nothing_changes(
    gallery: GalleryPanel, own: AvatarEntry, library: AvatarLibrary, heard: list[Any],
    make_picture: Callable[..., Image],
) -> None:  # fmt: skip
    library.add(Avatar("Other", make_picture()))
    gallery.model.reload()
    gallery.model.item(3).setText("Other")
    assert any("already" in str(text) for text in heard)
    assert names(gallery)[3:] == ["Mine", "Other"]
    assert own.path.exists()


def test_removing_asks_first(gallery: GalleryPanel, own: AvatarEntry) -> None:
    gallery.model.reload()
    gallery.show_chosen(own)
    gallery.remove_selected()
    assert gallery.question is not None
    assert own.path.exists()
    next(button for button in gallery.question.buttons() if "Remove" in button.text()).click()
    assert not own.path.exists()
    assert "Mine" not in names(gallery)


def test_built_in_avatars_cannot_be_changed(gallery: GalleryPanel, heard: list[Any]) -> None:
    gallery.show_chosen(gallery.model.entries[0])
    gallery.rename_selected()
    gallery.remove_selected()
    assert [("comes with the program" in text) for text in heard] == [True, True]
    assert gallery.question is None
    enabled = [
        action.isEnabled()
        for action in gallery.view.menu_for(gallery.model.entries[0]).actions()
        if not action.isSeparator()
    ]
    assert enabled == [True, True, False, False, False, False]  # only the user's own are changed


def test_stepping_goes_round_and_round(gallery: GalleryPanel, heard: list[Any]) -> None:
    first, _, last = gallery.model.entries
    gallery.step(last, 1)
    gallery.step(first, -1)
    gallery.step(None, 1)
    gallery.step(None, -1)
    assert heard == [first, last, first, last]


@pytest.mark.parametrize(("width", "columns"), [(130, 1), (240, 2), (360, 3)])
def test_the_columns_fill_the_width(gallery: GalleryPanel, width: int, columns: int) -> None:
    gallery.resize(width, 500)
    QApplication.processEvents()
    view = gallery.view
    places = {view.visualRect(gallery.model.index(row, 0)).x() for row in range(3)}
    assert len(places) == columns
    left_over = view.viewport().width() - columns * view.gridSize().width()
    assert left_over < 25


def test_an_empty_gallery_says_how_to_fill_it(
    qtbot: QtBot, thumbnails: ThumbnailStore, background: Background, tmp_path: Path
) -> None:
    panel = GalleryPanel(AvatarLibrary(tmp_path / "a", tmp_path / "b"), thumbnails, background)
    qtbot.addWidget(panel)
    panel.resize(260, 400)
    picture = panel.view.viewport().grab().toImage()
    middle = {picture.pixel(x, picture.height() // 2) for x in range(picture.width())}
    assert len(middle) > 3  # letters
