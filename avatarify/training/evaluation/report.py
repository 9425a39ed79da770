"""The evaluation as tables for people and as JSON for programs."""

import json
from collections.abc import Sequence
from pathlib import Path

from avatarify.media.output_errors import output_error
from avatarify.training.evaluation.expression import TRAITS
from avatarify.training.evaluation.mouth import MouthScores
from avatarify.training.evaluation.scores import Evaluation, Scores, means

_PICTURE_HEAD = (
    "driver", "portrait", "method", "frames", "L1", "PSNR dB", "SSIM", "AKD px", "lips px",
    "face found", "at rest dB", "flicker",
)  # fmt: skip
_MOUTH_HEAD = (
    "driver", "portrait", "method", "mouth L1", "over still", "sharpness", "teeth",
    "share of the truth's",
)  # fmt: skip


def as_text(evaluation: Evaluation) -> str:
    """Return the tables in Markdown."""
    parts = [f"# Evaluation of {evaluation.model}"]
    for title, table, explanation in (
        ("Self-reenactment", evaluation.itself, "The first frame of each clip is animated by it."),
        ("Cross-identity", evaluation.cross, "Each person drives each portrait."),
    ):
        if table:
            parts += [f"## {title}\n\n{explanation}", _pictures(table), _expressions(table)]
        if table is evaluation.itself and table:
            parts.append(_mouths(table))
    parts.append(_LEGEND)
    if evaluation.skipped:
        parts.append("Left out:\n\n" + "\n".join(f"- {line}" for line in evaluation.skipped))
    return "\n\n".join(parts) + "\n"


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """Write `metrics.json` and `tables.md`.

    Raises:
        OutputError: The folder cannot be written.
    """
    try:
        text = json.dumps(evaluation.as_json(), indent=1)
        (folder / "metrics.json").write_text(text, encoding="utf-8")
        (folder / "tables.md").write_text(as_text(evaluation), encoding="utf-8")
    except OSError as error:
        raise output_error(folder, error) from error


def write_text(text: str, path: Path) -> None:
    """Write a report.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise output_error(path, error) from error


_LEGEND = (
    "L1, PSNR, SSIM and AKD (mean distance of mediapipe's landmarks) compare with the true frame "
    "at 256²; lips: the same distance for the lips, their common shift taken out; at rest: output "
    "against portrait while the driver shows the reference frame; flicker: frame-to-frame "
    "difference of the output over the input's, for a driver who sits still before a noisy "
    "webcam. Expression: correlation over time / gain between driver and output; shapes: mean "
    "correlation of all blendshapes that the driver uses; – where the driver does too little of "
    "it to be measured. Mouth, inside its true box: L1, and over that of the portrait that does "
    "not move; sharpness: fine detail over the truth's; teeth: correlation over time of the share "
    "of the opening that looks like teeth, and that share over the truth's. Tracker noise: the "
    "driver against a second look at the same frames, one percent larger and with a webcam's "
    "noise: what a perfect copy would score."
)


def _pictures(table: Sequence[Scores]) -> str:
    rows = [
        (
            line.driver,
            line.portrait,
            line.method,
            str(line.frames),
            _number(line.l1, 4),
            _number(line.psnr_db, 1),
            _number(line.ssim, 3),
            _number(line.akd_px, 2),
            _number(line.lips_px, 2),
            f"{100.0 * line.face_found:.1f} %",
            _number(line.rest_psnr_db, 1),
            _number(line.flicker, 2),
        )
        for line in (*table, *means(table))
    ]
    return _table(_PICTURE_HEAD, rows)


def _expressions(table: Sequence[Scores]) -> str:
    rows = [
        (
            line.driver,
            line.portrait,
            line.method,
            *(
                "–"
                if (arrival := line.arrivals[trait]).correlation is None
                else f"{_number(arrival.correlation, 2)} / {_number(arrival.gain, 2)}"
                for trait in TRAITS
            ),
            _number(line.shapes, 2),
        )
        for line in (*table, *means(table))
    ]
    return _table(("driver", "portrait", "method", *TRAITS, "shapes"), rows)


def _mouths(table: Sequence[Scores]) -> str:
    rows = [
        (
            line.driver,
            line.portrait,
            line.method,
            _number(line.mouth.l1, 4),
            _number(_ratio(line.mouth.l1, line.mouth.l1_still), 2),
            _number(line.mouth.sharpness, 2),
            _number(line.mouth.teeth, 2),
            _number(_ratio(line.mouth.teeth_output, line.mouth.teeth_true), 2),
        )
        for line in (*table, *means(table))
        if line.mouth != MouthScores()
    ]
    return _table(_MOUTH_HEAD, rows)


def _ratio(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, rows)])
