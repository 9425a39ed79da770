"""The names under which Linux's udev keeps a camera for ever, whatever its number."""

from contextlib import suppress
from pathlib import Path

from avatarify.file_names import target_of

_LINKS_FOLDER = Path("/dev/v4l")
_KINDS = ("by-id", "by-path")
"""By maker, model and serial number; by the port."""


def device_links() -> dict[str, tuple[str, ...]]:
    """Return each device's links, those by serial number first; empty where there are none.

    Two cameras of one model without serial numbers share a link by id: udev points it at one.
    """
    links: dict[str, list[str]] = {}
    for kind in _KINDS:
        with suppress(OSError):
            for link in sorted((_LINKS_FOLDER / kind).iterdir()):
                links.setdefault(device_of(str(link)), []).append(str(link))
    return {device: tuple(found) for device, found in links.items()}


def device_of(path: str) -> str:
    """Return the device that a path or a link to it means."""
    return target_of(path)


def is_by_id(link: str) -> bool:
    """Whether this is a link by serial number."""
    return Path(link).parent.name == _KINDS[0]
