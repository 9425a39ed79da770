"""Bringing pictures in: read, check and cut them in the background, then ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avatarify.errors import ImageError
from avatarify.file_names import is_folder
from avatarify.frames import Image
from avatarify.gui.gallery.face_picker import FacePicker
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.check_box import CheckBox
from avatarify.gui.pieces.picture import as_pixmap, from_qimage
from avatarify.gui.pieces.widgets import label
from avatarify.media.image_file import IMAGE_SUFFIXES, read_image
from avatarify.session.avatars.library import AvatarEntry, AvatarLibrary
from avatarify.session.avatars.portrait_file import which_of_several
from avatarify.session.avatars.portrait_framing import box_of
from avatarify.session.avatars.portrait_intake import Intake, take_in
from avatarify.tracking.face_choice import FaceChoice

_PREVIEW = 240
CONSENT = "I may use this picture, and the person in it agrees."


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A picture that may become an avatar."""

    name: str
    intake: Intake
    remark: str = ""
    """What else is worth knowing of the file."""


class PortraitImport(QObject):
    """Takes pictures in one after the other."""

    added = Signal(object)
    """AvatarEntry."""

    refused = Signal(str)
    """Why a picture was not taken."""

    correction_asked = Signal(object)
    """ImportDialog whose picture's face the user wants to point out."""

    consented = Signal()
    """The user agreed to use only pictures that may be used."""

    def __init__(self, library: AvatarLibrary, background: Background, window: QWidget) -> None:
        """Prepare.

        Args:
            library: Keeps what is taken.
            background: Where pictures are read and checked.
            window: Parent of the dialog.
        """
        super().__init__(window)
        self._library = library
        self._background = background
        self._window = window
        self._waiting: list[Candidate] = []
        self._dialog: ImportDialog | None = None
        self.has_consent = False

    @property
    def dialog(self) -> "ImportDialog | None":
        """The question that is open."""
        return self._dialog

    def take_files(self, paths: Sequence[Path]) -> None:
        """Take picture files; folders give their pictures."""
        try:
            files = _flattened(paths)
        except ImageError as error:
            self.refused.emit(str(error))
            return
        for path in files:
            self._take(path.stem, partial(read_image, path), partial(which_of_several, path))

    def take_picture(self, picture: QImage) -> None:
        """Take a picture from the clipboard or another program."""
        image = from_qimage(picture)
        self._take("Pasted picture", lambda: image)

    def _take(
        self, name: str, read: Callable[[], Image], remark: Callable[[], str] = lambda: ""
    ) -> None:
        self._background.run(
            lambda: Candidate(name, take_in(read()), remark()),
            self._consider,
            lambda error: self.refused.emit(f"{name} was not added. {error}"),
            words="Looking for the face…",
        )

    def _consider(self, candidate: Candidate) -> None:
        self._waiting.append(candidate)
        self._ask_next()

    def _ask_next(self) -> None:
        if self._dialog is None and self._waiting:
            candidate = self._waiting.pop(0)
            dialog = ImportDialog(candidate, self._window, asks_consent=not self.has_consent)
            dialog.correction_asked.connect(lambda: self.correction_asked.emit(dialog))
            dialog.face_picked.connect(lambda x, y: self._take_face(dialog, (x, y)))
            dialog.finished.connect(lambda result: self._settle(dialog, result))
            self._dialog = dialog
            dialog.open()

    def _take_face(self, dialog: "ImportDialog", point: tuple[float, float]) -> None:
        """Cut the picture around another face."""
        original = dialog.intake.original
        dialog.setEnabled(False)

        def show(intake: Intake) -> None:
            dialog.setEnabled(True)
            dialog.show_intake(intake)
            dialog.picker.setFocus()

        def refuse(error: Exception) -> None:
            dialog.setEnabled(True)
            self.refused.emit(str(error))

        self._background.run(
            lambda: take_in(original, FaceChoice(point=point)),
            show,
            refuse,
            words="Cutting the person out…",
        )

    def _settle(self, dialog: "ImportDialog", result: int) -> None:
        self._dialog = None
        dialog.deleteLater()
        if result == QDialog.DialogCode.Accepted:
            self.has_consent = True
            self.consented.emit()
            self._add(dialog.candidate)
        self._ask_next()

    def _add(self, candidate: Candidate) -> None:
        def show(entry: AvatarEntry) -> None:
            self.added.emit(entry)

        self._background.run(
            lambda: self._library.add(candidate.intake.avatar(candidate.name)),
            show,
            lambda error: self.refused.emit(str(error)),
            words="Adding the avatar…",
        )


class ImportDialog(QDialog):
    """Shows the cut picture, what was found, and asks for a name and consent."""

    correction_asked = Signal()
    """The user wants to set the face's points."""

    face_picked = Signal(float, float)
    """Another one of several faces is wanted: a point of the original, in its pixels."""

    def __init__(self, candidate: Candidate, parent: QWidget, *, asks_consent: bool) -> None:
        """Ask about one picture.

        Args:
            candidate: The picture.
            parent: The window.
            asks_consent: Whether the user did not agree before.
        """
        super().__init__(parent)
        self.setWindowTitle("Add an avatar")
        self._picture = QLabel()
        self._picture.setAccessibleName("The avatar as it will be cut")
        self._name = QLineEdit(candidate.name)
        self._name.setMaxLength(60)
        self._name.setAccessibleName("Name")
        self.picker = FacePicker(_PREVIEW)
        self.picker.picked.connect(self.face_picked)
        self._remarks = QWidget()
        self.consent_box = CheckBox("I &agree")
        self.consent_box.setChecked(not asks_consent)
        self._consent = QWidget()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add_button = self.buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self.add_button.setProperty("role", "primary")
        self.correct_button = QPushButton()
        self.correct_button.setAutoDefault(False)
        self.correct_button.clicked.connect(self.correction_asked)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._remark = candidate.remark
        self._lay_out()
        self._asks_consent = asks_consent
        self.consent_box.toggled.connect(self._check)
        self._name.textChanged.connect(self._check)
        self.show_intake(candidate.intake)
        self._name.setFocus()
        self._name.selectAll()

    @property
    def name(self) -> str:
        """What the user calls the avatar."""
        return self._name.text()

    @property
    def intake(self) -> Intake:
        """The picture as it is taken in now."""
        return self._intake

    @property
    def candidate(self) -> Candidate:
        """What becomes an avatar."""
        return Candidate(self.name, self._intake)

    def show_intake(self, intake: Intake) -> None:
        """Show a picture: the one that came, or the same with its face pointed out."""
        self._intake = intake
        self._picture.setPixmap(
            as_pixmap(intake.picture).scaled(
                _PREVIEW,
                _PREVIEW,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        has_choice = len(intake.faces) > 1 and intake.points is not None
        self.picker.setVisible(has_choice and not intake.is_by_hand)
        if has_choice and intake.points is not None:
            middle = box_of(intake.points).center
            self.picker.show_faces(intake.original, intake.faces, middle)
        remarks = QWidget()
        lines = QVBoxLayout(remarks)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(8)
        for part in _remarks(intake):
            lines.addWidget(part)
        self._right.replaceWidget(self._remarks, remarks)
        self._remarks.deleteLater()
        self._remarks = remarks
        words = "Set the face's points…" if intake.points is None else "Correct the face…"
        self.correct_button.setText(words)
        self._consent.setVisible(self._asks_consent and intake.is_usable)
        self._check()

    def _lay_out(self) -> None:
        self._right = QVBoxLayout()
        self._right.setSpacing(8)
        caption = QLabel("&Name")
        caption.setBuddy(self._name)
        self._right.addWidget(caption)
        self._right.addWidget(self._name)
        if self._remark:
            self._right.addWidget(label(self._remark, "dim", wraps=True))
        self._right.addWidget(self._remarks)
        self._right.addWidget(self.correct_button, alignment=Qt.AlignmentFlag.AlignLeft)
        self._right.addStretch(1)
        consent = QVBoxLayout(self._consent)
        consent.setContentsMargins(0, 0, 0, 0)
        consent.setSpacing(8)
        consent.addWidget(label(CONSENT, "dim", wraps=True))
        consent.addWidget(self.consent_box)
        self._right.addWidget(self._consent)
        body = QHBoxLayout()
        body.setSpacing(16)
        pictures = QVBoxLayout()
        pictures.setSpacing(8)
        pictures.addWidget(self._picture)
        pictures.addWidget(self.picker)
        pictures.addStretch(1)
        body.addLayout(pictures)
        body.addLayout(self._right, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(14)
        layout.addLayout(body)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(560)

    def _check(self) -> None:
        is_ready = self.consent_box.isChecked() and bool(self.name.strip())
        self.add_button.setEnabled(self._intake.is_usable and is_ready)


def _remarks(intake: Intake) -> list[QLabel]:
    if not intake.findings:
        if intake.is_by_hand:
            return [label("The face's points are set by hand.", "fine", wraps=True)]
        count = "One face" if len(intake.faces) <= 1 else "The face you chose"
        praise = f"{count}, from the front, large enough: this will move well."
        return [label(praise, "fine", wraps=True)]
    remarks = [
        label(finding.text, "danger" if finding.is_error else "warning", wraps=True)
        for finding in intake.findings
    ]
    if intake.whom:
        remarks.append(label("Click a face in the picture to take another one.", "dim", wraps=True))
    return remarks


def _flattened(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if is_folder(path):
            inside = _inside(path)
            found += [each for each in inside if each.suffix.lower() in IMAGE_SUFFIXES]
        else:
            found.append(path)
    return found


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise ImageError(
            f"The folder {folder} cannot be read ({error.strerror}). Give yourself the permission, "
            "or use a copy elsewhere."
        ) from error
