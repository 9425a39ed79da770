"""What Linux's video devices say about themselves, asked by V4L2's own queries."""

import logging
import os
import re
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

_DEVICE_FOLDER = Path("/dev")
_NAMES_FOLDER = Path("/sys/class/video4linux")
_PROBED_INDICES = range(4)
"""Asked even without a file in /dev: wrappers such as `pw-v4l2` answer without one."""

_PROCESS = Path("/proc/self")

_QUERY_CAPABILITIES = 0x80685600
_LIST_FORMATS = 0xC0405602
_FORMAT = struct.Struct("=III32s4sI12x")
"""`v4l2_fmtdesc`: number, kind of buffer, flags, description, pixel format, media bus code."""
_CAPTURE_BUFFERS = 1
_MOST_FORMATS = 64
_CAPABILITIES = struct.Struct("=16s32s32sIII12x")
"""`v4l2_capability`: driver, card, bus, version, all capabilities, this device's capabilities."""
_CAN_CAPTURE = 0x1
_CAN_OUTPUT = 0x2
_HAS_DEVICE_CAPABILITIES = 0x80000000


@dataclass(frozen=True, slots=True)
class VideoDevice:
    """One /dev/videoN."""

    index: int
    """N."""

    path: str
    """The device file."""

    label: str
    """The name that people know it by."""

    driver: str
    """The kernel's name of its driver; empty when the device may not be opened."""

    can_capture: bool
    """It delivers frames: a webcam, or a loopback that somebody feeds."""

    can_output: bool
    """It accepts frames: a loopback."""

    bus: str = ""
    """Where it is plugged in, such as usb-0000:00:14.0-2; empty where the driver does not say."""

    formats: tuple[str, ...] = ()
    """Pixel formats that it delivers, such as MJPG and GREY; empty where it does not say."""

    @property
    def is_loopback(self) -> bool:
        """Whether this is a virtual camera of the v4l2loopback module."""
        return self.driver.startswith("v4l2 loopback")


def list_video_devices() -> list[VideoDevice]:
    """Return the devices of this machine, by number; empty where there is no V4L2."""
    devices = (_query(index) for index in _indices())
    return [device for device in devices if device is not None]


def devices_fed() -> frozenset[str]:
    """Return the video devices that this process may be writing to, such as /dev/video10.

    Whoever reads such a loopback sees our own pictures. A device whose buffers are mapped is read
    by us: those of a loopback that is fed are not.
    """
    opened: Counter[str] = Counter()
    mapped: set[str] = set()
    with suppress(OSError):
        for link in (_PROCESS / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                opened[str(link.readlink())] += 1
    with suppress(OSError):
        maps = (_PROCESS / "maps").read_text(errors="replace").splitlines()
        mapped = {line.split(maxsplit=5)[-1] for line in maps}
    return frozenset(
        path
        for path, count in opened.items()
        if re.fullmatch(r".*/video\d+", path) and count > (path in mapped)
    )


def _indices() -> list[int]:
    def existing() -> Iterator[int]:
        for path in _DEVICE_FOLDER.glob("video*"):
            if number := re.fullmatch(r"video(\d+)", path.name):
                yield int(number[1])

    return sorted({*_PROBED_INDICES, *existing()})


def _query(index: int) -> VideoDevice | None:
    import fcntl  # Linux has it, Windows does not

    path = str(_DEVICE_FOLDER / f"video{index}")
    answer = bytearray(_CAPABILITIES.size)
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except PermissionError:
        return VideoDevice(index, path, _system_name(index), "", can_capture=True, can_output=False)
    except OSError:
        return None
    try:
        fcntl.ioctl(device, _QUERY_CAPABILITIES, answer)
        driver, card, bus, _version, capabilities, own = _CAPABILITIES.unpack(answer)
        if capabilities & _HAS_DEVICE_CAPABILITIES:
            capabilities = own
        formats = tuple(_formats(device)) if capabilities & _CAN_CAPTURE else ()
    except OSError as error:
        logger.debug("%s is no video device: %s", path, error)
        return None
    finally:
        os.close(device)
    return VideoDevice(
        index,
        path,
        _text(card) or _system_name(index),
        _text(driver),
        can_capture=bool(capabilities & _CAN_CAPTURE),
        can_output=bool(capabilities & _CAN_OUTPUT),
        bus=_text(bus),
        formats=formats,
    )


def _formats(device: int) -> Iterator[str]:
    import fcntl

    for number in range(_MOST_FORMATS):
        answer = bytearray(_FORMAT.pack(number, _CAPTURE_BUFFERS, 0, b"", b"", 0))
        try:
            fcntl.ioctl(device, _LIST_FORMATS, answer)
        except OSError:  # there are no more
            return
        yield _text(_FORMAT.unpack(answer)[4])


def _system_name(index: int) -> str:
    name = f"video{index}"
    try:
        return (_NAMES_FOLDER / name / "name").read_text(errors="replace").strip() or name
    except OSError:
        return name


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode(errors="replace").strip()
