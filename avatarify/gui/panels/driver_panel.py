"""The right column: the driver's own camera, calibration, and what can be tuned."""

from PySide6.QtWidgets import QScrollArea, QTabWidget, QVBoxLayout, QWidget

from avatarify.gui.panels.calibration_panel import CalibrationPanel, Countdown
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.gui.panels.motion_panel import MotionPanel
from avatarify.gui.panels.voice_panel import VoicePanel
from avatarify.gui.views.camera_view import CameraPreview

WIDTH = 301


class DriverPanel(QWidget):
    """Holds the four panels that concern the driver."""

    def __init__(self, devices: DevicePanel) -> None:
        """Put them together.

        Args:
            devices: Camera and virtual camera.
        """
        super().__init__()
        self.camera = CameraPreview()
        self.calibration = CalibrationPanel()
        self.countdown = Countdown(self)
        self.motion = MotionPanel()
        self.devices = devices
        self.voice = VoicePanel()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(_scrolling(self.motion), "&Motion and picture")
        self.tabs.addTab(_scrolling(_under_one_another(self.devices, self.voice)), "&Devices")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 9, 7)
        layout.setSpacing(8)
        layout.addWidget(self.camera)
        layout.addWidget(self.calibration)
        layout.addWidget(self.tabs, stretch=1)
        self.tabs.setMinimumHeight(36)
        self.setFixedWidth(WIDTH)
        self.countdown.ticked.connect(self.camera.set_count)
        self.calibration.calibrate_later.connect(lambda: self.countdown.start(3))

    def set_active(self, is_active: bool) -> None:
        """Enable what needs a running session."""
        self.calibration.set_active(is_active)
        self.devices.set_active(is_active)
        if not is_active:
            self.countdown.stop()
            self.calibration.show_idle()
            self.devices.show_camera_state("")
            self.devices.show_output_state("")


def _under_one_another(*panels: QWidget) -> QWidget:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for panel in panels:
        layout.addWidget(panel)
    layout.addStretch(1)
    return holder


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(content)
    content.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    return area
