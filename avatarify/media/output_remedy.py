"""What a button can do towards a virtual camera: nobody shall have to read a shell command."""

from dataclasses import dataclass
from enum import Enum


class RemedyKind(Enum):
    """How far this program can go by itself."""

    COPY = "copy"
    """A command that needs the administrator's password: put it on the clipboard."""

    START = "start"
    """A service of the user's own: start it."""

    OPEN = "open"
    """A program of somebody else: open its page in the browser."""


@dataclass(frozen=True, slots=True)
class OutputRemedy:
    """One step that makes a kind of virtual camera ready."""

    kind: RemedyKind
    """What to do with `value`."""

    words: str
    """What the button says."""

    value: str
    """A command, or a page's address."""


OBS_PAGE = OutputRemedy(RemedyKind.OPEN, "Open OBS's page", "https://obsproject.com/download")
UNITY_CAPTURE_PAGE = OutputRemedy(
    RemedyKind.OPEN, "Open UnityCapture's page", "https://github.com/schellingb/UnityCapture"
)
