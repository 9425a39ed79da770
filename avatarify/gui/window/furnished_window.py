"""The window with everything that stands in it, before anything is connected."""

from PySide6.QtWidgets import QMainWindow, QMessageBox

from avatarify.gui.desktop.global_hotkeys import GlobalHotkeys
from avatarify.gui.desktop.icon import program_icon
from avatarify.gui.desktop.tray import Tray
from avatarify.gui.dialogs.tracker_offer import TrackerOffer
from avatarify.gui.gallery.gallery_panel import GalleryPanel
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.gui.panels.driver_panel import DriverPanel
from avatarify.gui.panels.stage import Stage
from avatarify.gui.panels.status_line import StatusLine
from avatarify.gui.pieces.actions import WindowActions
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.banners import BannerStack
from avatarify.gui.views.xray_view import XrayView
from avatarify.gui.window.face_correction import FaceCorrection
from avatarify.gui.window.further_choice import FurtherChoice
from avatarify.gui.window.notice_board import NoticeBoard
from avatarify.gui.window.window_layout import add_xray, lay_out
from avatarify.session.avatars.library import AvatarLibrary
from avatarify.session.avatars.thumbnails import ThumbnailStore


class FurnishedWindow(QMainWindow):
    """Gallery on the left, the stage in the middle, the driver on the right."""

    def __init__(
        self,
        *,
        library: AvatarLibrary,
        thumbnails: ThumbnailStore,
        background: Background,
        devices: DevicePanel,
    ) -> None:
        """Build everything.

        Args:
            library: The avatars.
            thumbnails: Their small pictures.
            background: For work that takes more than a moment.
            devices: The panel of cameras.
        """
        super().__init__()
        self.background = background
        self.question: QMessageBox | None = None
        self.actions_ = WindowActions(self)
        self.banners = BannerStack()
        self.gallery = GalleryPanel(library, thumbnails, background)
        self.stage = Stage(self.actions_)
        self.stage.guide.set_camera_box(devices.camera_box())
        self.driver = DriverPanel(devices)
        self.status_line = StatusLine()
        self.xray = XrayView()
        self.faces = FaceCorrection(library, background, self)
        self.further = FurtherChoice(library, background, self)
        self.tracker_offer = TrackerOffer(background, self)
        self.notices = NoticeBoard(
            self.banners, devices, self.stage.guide, self.status_line, self.tracker_offer
        )
        background.waited_for.connect(self.notices.show_wait)
        self.hotkeys = GlobalHotkeys(self)
        self._lay_out()
        self.tray = Tray(self, self.actions_)

    def _lay_out(self) -> None:
        self.setWindowTitle("Avatarify")
        self.setWindowIcon(program_icon())
        self.setMinimumSize(900, 600)
        self.resize(1180, 760)
        lay_out(
            self, banners=self.banners, gallery=self.gallery, stage=self.stage, driver=self.driver
        )
        self.setStatusBar(self.status_line)
        self.xray_dock = add_xray(self, self.xray)
