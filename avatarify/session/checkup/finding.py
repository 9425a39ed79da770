"""One line of the doctor's report."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """The program works, but not as well as it could."""

    PROBLEM = "problem"
    """Something does not work until the advice is followed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was seen and what to do."""

    subject: str
    """What was looked at, a word or two."""

    level: Level
    """How bad it is."""

    text: str
    """What was seen."""

    advice: str = ""
    """What to do, or what is good to know; may be empty."""

    def __post_init__(self) -> None:
        if self.level is Level.PROBLEM and not self.advice:
            raise ValueError(f"A problem needs advice: {self.text}")


def worst(findings: tuple[Finding, ...]) -> Level:
    """The worst level among some findings; OK for none."""
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.PROBLEM, Level.WARNING) if level in levels), Level.OK)
