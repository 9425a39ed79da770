"""What stays of a webcam that was chosen, so that it is found again wherever it is plugged in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """What was known of one webcam when it was chosen or last opened; all empty of none."""

    id: str = ""
    """What is this device's alone: a link in /dev/v4l, or the platform's unique id."""

    name: str = ""
    """The device's own name; two cameras may share it."""

    port: str = ""
    """Where it was plugged in, such as usb-0000:00:14.0-2."""

    path: str = ""
    """Which number it had, such as /dev/video0: the first thing to change."""

    has_twin: bool = False
    """Another camera of this name was there, so that the name alone does not tell it."""

    @property
    def key(self) -> str:
        """Under which settings of this camera are kept; empty of none."""
        return self.id or " ".join(filter(None, (self.name, self.port)))
