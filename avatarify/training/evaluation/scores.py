"""What is measured of one method on one clip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from avatarify.training.evaluation.expression import TRAITS, Arrival
from avatarify.training.evaluation.measures import mean_of
from avatarify.training.evaluation.mouth import MouthScores


@dataclass(frozen=True, slots=True)
class Scores:
    """One line of a table; None is "not measured here"."""

    driver: str
    """The clip."""

    portrait: str
    """The still; the clip again in self-reenactment."""

    method: str
    """Of `methods`."""

    frames: int
    """Compared."""

    face_found: float
    """Share of the output frames in which a face is found."""

    arrivals: dict[str, Arrival]
    """For each trait."""

    l1: float | None = None
    """Mean absolute difference to the true frame, 0 to 1; self-reenactment only."""

    psnr_db: float | None = None
    """To the true frame."""

    ssim: float | None = None
    """To the true frame."""

    akd_px: float | None = None
    """Mean landmark distance to the true frame, pixels at 256²."""

    lips_px: float | None = None
    """The same for the lips alone, their common shift taken out."""

    shapes: float | None = None
    """Mean correlation over time of all blendshapes that the driver uses."""

    mouth: MouthScores = MouthScores()  # noqa: RUF009  # immutable
    """Inside the true mouth's box; self-reenactment only."""

    rest_psnr_db: float | None = None
    """Output with the driver at the reference frame, against the portrait."""

    flicker: float | None = None
    """Frame-to-frame difference of output over input, for a noisy driver who sits still."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        values["mouth"] = self.mouth._asdict()
        values["arrivals"] = {name: arrival._asdict() for name, arrival in self.arrivals.items()}
        return values


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All tables of one evaluation."""

    model: str
    """The file."""

    itself: list[Scores] = field(default_factory=list)
    """Self-reenactment: each person drives a frame of their own."""

    cross: list[Scores] = field(default_factory=list)
    """Cross-identity: each person drives each portrait."""

    skipped: list[str] = field(default_factory=list)
    """What could not be used, and why."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values, the means included."""
        return {
            "model": self.model,
            "self": [scores.as_json() for scores in self.itself],
            "self_mean": [scores.as_json() for scores in means(self.itself)],
            "cross": [scores.as_json() for scores in self.cross],
            "cross_mean": [scores.as_json() for scores in means(self.cross)],
            "skipped": self.skipped,
        }


def means(table: Sequence[Scores]) -> list[Scores]:
    """Return one line per method: the means over all lines in which a value was measured."""
    methods = list(dict.fromkeys(scores.method for scores in table))
    return [_mean([line for line in table if line.method == method]) for method in methods]


def _mean(lines: list[Scores]) -> Scores:
    def mean(value: Callable[[Scores], float | None]) -> float | None:
        return mean_of(number for line in lines if (number := value(line)) is not None)

    def arrival(trait: str) -> Arrival:
        return Arrival(
            mean(lambda line: line.arrivals[trait].correlation),
            mean(lambda line: line.arrivals[trait].gain),
        )

    def mouth(index: int) -> float | None:
        return mean(lambda line: line.mouth[index])

    frames = sum(line.frames for line in lines)
    return Scores(
        driver="mean",
        portrait="",
        method=lines[0].method,
        frames=frames,
        face_found=sum(line.face_found * line.frames for line in lines) / max(1, frames),
        arrivals={trait: arrival(trait) for trait in TRAITS},
        l1=mean(lambda line: line.l1),
        psnr_db=mean(lambda line: line.psnr_db),
        ssim=mean(lambda line: line.ssim),
        akd_px=mean(lambda line: line.akd_px),
        lips_px=mean(lambda line: line.lips_px),
        shapes=mean(lambda line: line.shapes),
        mouth=MouthScores(*(mouth(index) for index in range(len(MouthScores._fields)))),
        rest_psnr_db=mean(lambda line: line.rest_psnr_db),
        flicker=mean(lambda line: line.flicker),
    )
