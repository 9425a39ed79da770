"""How much of a driver's motion arrives, for each part of the face."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaceGains:
    """How much of the driver's motion arrives, 0 to 2 for each part; 1 is the driver's own."""

    turn: float = 1.0
    """Head turned, nodded, leant."""
    shift: float = 1.0
    """Head moved to the side, up, nearer."""
    mouth: float = 1.0
    """Lips, jaw and cheeks."""
    eyes: float = 1.0
    """Lids."""
    brows: float = 1.0
    """Brows and forehead."""
    gaze: float = 1.0
    """Irises."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0.0 <= getattr(self, name) <= 2.0:
                raise ValueError(f"the gain of {name} must lie between 0 and 2")

    def scaled(self, factor: float) -> "FaceGains":
        """Return all gains times a factor, 2 at most."""
        return FaceGains(*(min(2.0, getattr(self, name) * factor) for name in self.__slots__))
