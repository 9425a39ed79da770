"""The files the program loads: present, whole, and the published ones."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from avatarify.errors import TrackerError
from avatarify.session.checkup.finding import Finding, Level
from avatarify.session.keeping.tracker_trial import Trial, try_trackers
from avatarify.zoo import store
from avatarify.zoo.registry import (
    COMPACT,
    FACE,
    FACE_LANDMARKER,
    LANDMARKS,
    MODELS,
    PublishedModel,
)

_LONGEST_HEADER = 100_000_000


def check_models() -> Iterator[Finding]:
    """Every motion model of the registry that is installed, and the shipped one in any case."""
    for model in MODELS:
        if model is FACE_LANDMARKER:
            continue
        path = store.find(model.installed_name)
        if path is not None:
            yield judge_model(model.name, path)
        elif model is FACE:
            yield Finding(f"Model {model.name}", Level.OK, "the default, built in: needs no file")
        elif model is COMPACT:
            yield Finding(
                f"Model {model.name}",
                Level.PROBLEM,
                f"{model.installed_name} is missing, so pictures without a known face cannot move",
                "It comes with the program: get the project anew, models folder included.",
            )
        else:
            yield Finding(
                f"Model {model.name}",
                Level.OK,
                "not installed, not needed",
                f"For larger models: avatarify models pull {model.name}",
            )
    for path in store.imported():
        yield judge_model(path.stem, path)


def check_tracker() -> Iterator[Finding]:
    """The face tracker's file, compared with the published one."""
    subject, advice = "Face tracker", f"Run: avatarify models pull {FACE_LANDMARKER.name}"
    path, own = store.find(FACE_LANDMARKER.installed_name), store.find(LANDMARKS.installed_name)
    if path is None and own is not None:
        yield _our_own(subject, own)
    elif path is None:
        yield Finding(
            subject,
            Level.WARNING,
            f"{FACE_LANDMARKER.installed_name} is missing: the compact model moves avatars, "
            "less like you, the crop stays fixed, and nothing is calibrated by itself",
            advice,
        )
    elif not is_published(path, FACE_LANDMARKER):
        yield Finding(
            subject,
            Level.PROBLEM,
            f"{path} is not the published file; it may be damaged",
            f"Delete it. {advice}",
        )
    else:
        yield _compared(subject, path, own)


def _our_own(subject: str, own: Path) -> Finding:
    """Say whether our own tracker's file is whole."""
    try:
        from avatarify.tracking.landmark_file import load_landmark_model

        load_landmark_model(own)
    except TrackerError as error:
        advice = f"Or use mediapipe's: avatarify models pull {FACE_LANDMARKER.name}"
        return Finding(subject, Level.PROBLEM, str(error), advice)
    return Finding(
        subject,
        Level.OK,
        f"our own, {own}; mediapipe's would see more exactly",
        f"If you want it: avatarify models pull {FACE_LANDMARKER.name}",
    )


def _compared(subject: str, path: Path, own: Path | None) -> Finding:
    """Say how both trackers do here, where there are two."""
    trial = Trial(None, None) if own is None else try_trackers(path, own)
    there = f"{path}, hash as published"
    if trial.own is None:
        return Finding(subject, Level.OK, f"mediapipe's, {there}")
    if trial.mediapipe is None:
        return Finding(
            subject,
            Level.WARNING,
            f"our own; mediapipe's does not run here ({there})",
            "Run `avatarify run --tracker mediapipe` to see why.",
        )
    words = (
        f"{trial.mediapipe:.2f} of 1 on the check clip, a rendered head; our own {trial.own:.2f}"
    )
    if trial.own_is_better:
        return Finding(subject, Level.OK, f"our own, which does better here: mediapipe's {words}")
    return Finding(subject, Level.OK, f"mediapipe's, finer on people, {there}; {words}")


def is_published(path: Path, model: PublishedModel) -> bool:
    """Compare a file with every content that was published under the model's name."""
    try:
        return any(fingerprint.matches(path) for fingerprint in model.fingerprints)
    except OSError:
        return False


def judge_model(name: str, path: Path) -> Finding:
    """Say whether a safetensors file is whole, and give its hash to compare.

    Args:
        name: The model's name.
        path: Its file.
    """
    subject = f"Model {name}"
    try:
        is_whole = _declared_size(path) == path.stat().st_size
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        is_whole, digest = False, ""
    if is_whole:
        return Finding(subject, Level.OK, f"{path}, sha256 {digest[:16]}…")
    is_shipped = any(model.is_shipped for model in MODELS if model.name == name)
    return Finding(
        subject,
        Level.PROBLEM if is_shipped else Level.WARNING,
        f"{path} is damaged or cut off",
        f"Delete it and run: avatarify models pull {name}, or get the project anew.",
    )


def _declared_size(path: Path) -> int:
    """The size a safetensors file says it has: 8 bytes, its header, and the last tensor's end."""
    with path.open("rb") as file:
        header_size = int.from_bytes(file.read(8), "little")
        if header_size > _LONGEST_HEADER:
            raise ValueError("no safetensors file")
        header = json.loads(file.read(header_size))
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return 8 + header_size + max(ends, default=0)
