"""Measure how much of a driver's expression can arrive on another person at all.

    python docs/measure_ceiling.py

Rendered people do exactly the same one after the other, so for once there is a truth to
cross-reenactment: person B doing what driver A does. What the measures of `avatarify evaluate` give
to that truth is the most that any engine can be expected to reach; beside it stands the face
engine, once against the driver as in the tables, once against the truth.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import permutations

import numpy as np
import torch

from avatarify.animation.face.animator import FaceAnimator, FacePortrait
from avatarify.session.keeping.tracker_choice import find_tracker
from avatarify.synthesis.clips import ClipSettings, plan_clip
from avatarify.synthesis.figure import build_figure
from avatarify.synthesis.finish import Shot, photograph
from avatarify.synthesis.motion import Motion, neutral
from avatarify.synthesis.renderer import render
from avatarify.tracking.face import Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.evaluation.expression import TRAITS, arrivals, shapes_correlation

TEXTURE = 768
SHAPES = "shapes"

Faces = list[Face | None]


def main() -> None:
    """Render, track, and print three rows."""
    parser = argparse.ArgumentParser(description="How much can arrive on another person.")
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--motions", type=int, default=2)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--seed", type=int, default=31)
    options = parser.parse_args()
    tracker = find_tracker("mediapipe")
    if tracker is None:
        raise SystemExit("Blendshapes are mediapipe's: avatarify pull face_landmarker")
    settings = ClipSettings(options.frames, size=320, fps=8.0, seed=options.seed)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with FaceLandmarker(tracker, LandmarkerMode.IMAGE) as landmarker:
        for number in range(options.motions):
            motion = plan_clip(settings, number)[1]
            people = [perform(settings, person, motion) for person in range(options.people)]
            seen = [[landmarker.find(shot.image) for shot in shots] for shots in people]
            for driver, other in permutations(range(options.people), 2):
                driving, truth = seen[driver][1:], seen[other][1:]
                animator = animator_of(people[other][0], seen[driver][0], seen[other][0])
                output = [
                    landmarker.find(animator.animate(face.landmarks)) if face else None
                    for face in driving
                ]
                compare(found, "truth against driver", driving, truth)
                compare(found, "engine against driver", driving, output)
                compare(found, "engine against truth", truth, output)
    names = [SHAPES, *TRAITS]
    sys.stdout.write("| | " + " | ".join(names) + " |\n| --- |" + " ---: |" * len(names) + "\n")
    for row in dict.fromkeys(key[0] for key in found):
        means = (f"{np.mean(found[row, name]):.2f}" if found[row, name] else "–" for name in names)
        sys.stdout.write(f"| {row} | " + " | ".join(means) + " |\n")


def perform(settings: ClipSettings, person: int, motion: Motion) -> list[Shot]:
    """Photograph a person at rest, and then in every frame of a motion."""
    identity = plan_clip(settings, person)[0]
    figure = build_figure(identity, TEXTURE)
    generator = torch.Generator().manual_seed(identity.seed)
    parts = [neutral(1), *(motion.frames(i, i + 1) for i in range(settings.frames))]
    shots: list[Shot] = []
    for part in parts:
        rendering = render(figure, part, settings.size, settings.supersampling)
        shots += photograph(rendering, generator)
    return shots


def animator_of(still: Shot, reference: Face | None, face: Face | None) -> FaceAnimator:
    """Return the face engine with a person at rest, calibrated at a driver at rest."""
    if reference is None or face is None:
        raise SystemExit("The tracker saw no face in somebody at rest. Choose another --seed.")
    animator = FaceAnimator()
    animator.set_source(FacePortrait(still.image, face.landmarks, still.matte))
    animator.calibrate(reference.landmarks)
    return animator


def compare(
    found: dict[tuple[str, str], list[float]], row: str, first: Faces, second: Sequence[Face | None]
) -> None:
    """Add the correlations of two performances to a row."""
    for name, arrival in arrivals(first, second).items():
        if arrival.correlation is not None:
            found[row, name].append(arrival.correlation)
    shapes = shapes_correlation(first, second)
    if shapes is not None:
        found[row, SHAPES].append(shapes)


if __name__ == "__main__":
    main()
