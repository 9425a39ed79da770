from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from avatarify.gui.dialogs.region_picker import RegionPicker
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.media.screen import ScreenRegion, parse_region

LEFT = Qt.MouseButton.LeftButton


def draw(picker: RegionPicker, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(picker, LEFT, pos=start)
    QTest.mouseMove(picker, end)
    QTest.mouseRelease(picker, LEFT, pos=end)


def opened(qtbot: QtBot) -> RegionPicker:
    picker = RegionPicker(QApplication.primaryScreen())
    picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(picker)
    with qtbot.waitExposed(picker):
        picker.show()
    return picker


def test_a_drawn_rectangle_is_what_the_screen_source_takes(qtbot: QtBot) -> None:
    picker = opened(qtbot)
    with qtbot.waitSignal(picker.picked) as caught:
        draw(picker, QPoint(260, 180), QPoint(61, 41))
    ratio = QApplication.primaryScreen().devicePixelRatio()
    sizes = (round(number * ratio) for number in (61, 41, 200, 140))
    assert parse_region(caught.args[0]) == ScreenRegion(*sizes)
    assert not picker.isVisible()


def test_a_click_picks_nothing_and_escape_goes_back(qtbot: QtBot) -> None:
    picker = opened(qtbot)
    with qtbot.assertNotEmitted(picker.picked):
        draw(picker, QPoint(50, 50), QPoint(60, 60))
        assert picker.isVisible()
        picker.grab()
        QTest.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible()


def test_the_picked_part_becomes_the_camera(qtbot: QtBot, devices: DevicePanel) -> None:
    picker = devices.camera_choice.pick_region()
    with qtbot.waitSignal(devices.camera_changed) as caught:
        picker.picked.emit("screen:10,20,640,480")
    picker.close()
    assert caught.args[0].name == "screen:10,20,640,480"
