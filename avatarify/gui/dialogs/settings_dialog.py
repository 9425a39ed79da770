"""The settings that are changed rarely: sizes, model, theme, hotkeys."""

from dataclasses import replace

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from avatarify.gui.desktop.global_hotkeys import Bindings
from avatarify.gui.dialogs.hotkey_editor import HotkeyEditor
from avatarify.gui.pieces.check_box import CheckBox
from avatarify.gui.pieces.combo_box import ComboBox
from avatarify.gui.pieces.widgets import label
from avatarify.session.keeping.settings import (
    EngineSettings,
    Settings,
    Theme,
    TrackerWish,
    WhenUnwatched,
)
from avatarify.session.keeping.tracker_choice import find_tracker
from avatarify.zoo import store
from avatarify.zoo.registry import FACE, FACE_LANDMARKER, MODELS

_CAMERA_SIZES = ((320, 240), (640, 480), (960, 540), (1280, 720), (1920, 1080))
_OUTPUT_SIZES = ((640, 360), (640, 480), (854, 480), (1280, 720), (1920, 1080), (720, 720))
_RATES = (15.0, 24.0, 25.0, 30.0, 60.0)
_THEMES = ((Theme.SYSTEM, "As the system"), (Theme.DARK, "Dark"), (Theme.LIGHT, "Light"))
_UNWATCHED = (
    (WhenUnwatched.GO_ON, "Go on"),
    (WhenUnwatched.REST, "Rest"),
    (WhenUnwatched.RELEASE, "Rest, let the webcam go"),
)
_DEVICES = (
    ("auto", "Best available"), ("cpu", "Processor"), ("cuda", "NVIDIA card"), ("mps", "Apple GPU"),
)  # fmt: skip


class SettingsDialog(QDialog):
    """Edits a copy; `settings` is what the user wants after OK."""

    def __init__(self, settings: Settings, hotkey_problem: str, parent: QWidget) -> None:
        """Show settings.

        Args:
            settings: As they are.
            hotkey_problem: Why global hotkeys are off, or empty.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings = settings
        self._make_fields(settings)
        self.hotkeys = HotkeyEditor(Bindings.from_settings(settings.window.hotkeys))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok_button.setProperty("role", "primary")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.hotkeys.changed.connect(lambda: self.ok_button.setEnabled(self.hotkeys.is_usable))
        tabs = QTabWidget()
        tabs.addTab(self._picture_page(), "&Picture")
        tabs.addTab(self._model_page(), "&Model")
        tabs.addTab(self._hotkey_page(hotkey_problem), "Global &hotkeys")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 14)
        layout.setSpacing(12)
        layout.addWidget(tabs)
        layout.addWidget(self.buttons)
        self.resize(500, 400)

    @property
    def settings(self) -> Settings:
        """What the user chose."""
        settings = self._settings
        camera_width, camera_height = self.camera_size.currentData()
        width, height = self.output_size.currentData()
        return replace(
            settings,
            camera=replace(
                settings.camera,
                width=camera_width,
                height=camera_height,
                fps=self.camera_rate.currentData(),
                mjpg=self.mjpg.isChecked(),
            ),
            output=replace(
                settings.output, width=width, height=height, fps=self.output_rate.currentData()
            ),
            unwatched=WhenUnwatched(self.unwatched.currentData()),
            view=replace(settings.view, badge=self.badge.isChecked()),
            tracker=self.tracker.currentData(),
            engine=self._engine(),
            window=replace(
                settings.window,
                theme=Theme(self.theme.currentData()),
                mirrors_preview=self.preview_mirror.isChecked(),
                hotkeys=self.hotkeys.bindings.to_settings(),
            ),
        )

    def _make_fields(self, settings: Settings) -> None:
        camera, output = settings.camera, settings.output
        self.camera_size = _sizes(_CAMERA_SIZES, (camera.width, camera.height))
        self.camera_rate = _rates(camera.fps)
        self.mjpg = CheckBox("Compressed by the camera (M&JPG)")
        self.mjpg.setToolTip(
            "Most webcams reach their full rate in HD only so. Uncompressed pictures are cleaner."
        )
        self.mjpg.setChecked(camera.mjpg)
        self.output_size = _sizes(_OUTPUT_SIZES, (output.width, output.height))
        self.output_rate = _rates(output.fps)
        self.theme = _choices(
            [(str(value), name) for value, name in _THEMES], settings.window.theme
        )
        self.unwatched = _choices(
            [(str(value), name) for value, name in _UNWATCHED], settings.unwatched
        )
        self.unwatched.setToolTip(
            "No program reads the virtual camera and this window is not visible. A webcam that was "
            "let go takes a few seconds to come back."
        )
        self.badge = CheckBox('Write "AI &avatar" into the picture')
        self.badge.setChecked(settings.view.badge)
        self.preview_mirror = CheckBox("Show my own camera as a mirror would")
        self.preview_mirror.setChecked(settings.window.mirrors_preview)
        engine = settings.engine
        self.model = _choices(_models(), "" if engine.is_face else engine.model)
        self.tracker = _choices(_trackers(settings.tracker), settings.tracker)
        self.device = _choices(list(_DEVICES), settings.engine.device)
        self.precision = _choices(
            [
                ("auto", "Best available"),
                *((name, name) for name in ("fp32", "fp16", "bf16", "int8")),
            ],
            settings.engine.precision,
        )

    def _picture_page(self) -> QWidget:
        page, form = _page()
        form.addRow("&Camera picture", self.camera_size)
        form.addRow("Camera pictures a second", self.camera_rate)
        form.addRow("", self.mjpg)
        form.addRow("&Virtual camera", self.output_size)
        form.addRow("Pictures a second", self.output_rate)
        note = "The virtual camera is opened anew with another size: choose it before the call."
        form.addRow(label(note, "dim", wraps=True))
        form.addRow("While &nobody watches", self.unwatched)
        form.addRow("&Theme", self.theme)
        form.addRow(self.badge)
        form.addRow(self.preview_mirror)
        return page

    def _model_page(self) -> QWidget:
        page, form = _page()
        form.addRow("M&odel", self.model)
        form.addRow("&Face tracker", self.tracker)
        form.addRow("&Runs on", self.device)
        form.addRow("&Precision", self.precision)
        note = "Best available measures at the start what this machine is fast enough for."
        form.addRow(label(note, "dim", wraps=True))
        return page

    def _hotkey_page(self, problem: str) -> QWidget:
        page, form = _page()
        words = (
            "They work while the call program has the keyboard, which gets the keys as well. "
            "Click a field and press keys."
        )
        form.addRow(label(problem or words, "warning" if problem else "dim", wraps=True))
        form.addRow(self.hotkeys)
        return page

    def _engine(self) -> EngineSettings:
        return replace(
            self._settings.engine,
            model=self.model.currentData(),
            device=self.device.currentData(),
            precision=self.precision.currentData(),
        )


def _page() -> tuple[QWidget, QFormLayout]:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(6, 14, 6, 6)
    form.setVerticalSpacing(10)
    form.setHorizontalSpacing(16)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return page, form


def _choices(options: list[tuple[str, str]], chosen: str) -> QComboBox:
    box = ComboBox()
    for value, name in options:
        box.addItem(name, value)
    if box.findData(str(chosen)) < 0:
        box.addItem(str(chosen), str(chosen))
    box.setCurrentIndex(box.findData(str(chosen)))
    return box


def _sizes(sizes: tuple[tuple[int, int], ...], chosen: tuple[int, int]) -> QComboBox:
    box = ComboBox()
    known = sorted({*sizes, chosen})
    for width, height in known:
        box.addItem(f"{width} x {height}", (width, height))
    box.setCurrentIndex(known.index(chosen))
    return box


def _rates(chosen: float) -> QComboBox:
    box = ComboBox()
    known = sorted({*_RATES, chosen})
    for rate in known:
        box.addItem(f"{rate:g}", rate)
    box.setCurrentIndex(known.index(chosen))
    return box


def _trackers(chosen: TrackerWish) -> list[tuple[str, str]]:
    """What can be chosen: a tracker whose file is missing only while it is the chosen one."""
    names: tuple[tuple[TrackerWish, str], ...] = (
        ("mediapipe", "mediapipe's"), ("own", "Avatarify's own"),
    )  # fmt: skip
    installed = [(wish, name) for wish, name in names if find_tracker(wish) is not None]
    missing = [
        (wish, f"{name} (file missing)")
        for wish, name in names
        if wish == chosen and find_tracker(wish) is None
    ]
    return [("auto", "Best available"), *installed, *missing]


def _models() -> list[tuple[str, str]]:
    published = [
        (model.name, f"{model.name}: {model.summary}")
        for model in MODELS
        if model not in (FACE, FACE_LANDMARKER) and store.find(model.installed_name)
    ]
    return [("", f"{FACE.name}: {FACE.summary}"), *published, *_imported()]


def _imported() -> list[tuple[str, str]]:
    return [(path.stem, f"{path.stem}: imported") for path in store.imported()]
