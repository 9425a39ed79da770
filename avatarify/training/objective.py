"""One training step's forward pass: from a batch to its losses.

It is one module, so that distributed training, mixed precision and checkpoints treat it as one.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from avatarify.geometry.grid import warp
from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.thin_plate_spline import ThinPlateSpline
from avatarify.networks.motion_model import Animation, MotionModel, SourceEncoding
from avatarify.training import losses
from avatarify.training.arrival import exchanged_motion, held, look, partners
from avatarify.training.augmentation import degrade
from avatarify.training.canonical_face import Points
from avatarify.training.guidance import LandmarkGuidance, mix
from avatarify.training.landmark_flow import flow_distance
from avatarify.training.pair_random import PairRandom
from avatarify.training.pairs import Batch
from avatarify.training.perceptual import VggPerceptual, load_vgg
from avatarify.training.settings import TrainingSettings


class Exchanged(NamedTuple):
    """Sources as their neighbours' drivers move them."""

    picture: Tensor
    """(B // 2, C, S, S), in [0, 1]."""

    landmarks: Tensor
    """(B // 2, L, 2), in [-1, 1]: where the motion should have brought them."""


class Step(NamedTuple):
    """What a forward pass yields."""

    terms: dict[str, Tensor]
    """Each weighted term; their sum is minimised."""

    animation: Animation
    """The reconstructed driving frame."""

    source_keypoints: Keypoints
    """As the dense motion saw them."""

    driving_keypoints: Keypoints
    """As the dense motion saw them."""

    exchanged: Exchanged | None
    """None where no term asks for it, or nobody is there to exchange with."""


class Objective(nn.Module):
    """The model and every term that needs no discriminator."""

    def __init__(self, model: MotionModel, settings: TrainingSettings, canonical: Points) -> None:
        super().__init__()
        self.model = model
        self.settings = settings
        self.guidance: LandmarkGuidance | None = None
        if settings.guidance.landmarks:
            self.guidance = LandmarkGuidance(settings.guidance, canonical)
        self.perceptual: VggPerceptual | None = None
        if settings.loss.perceptual > 0:
            self.perceptual = load_vgg(settings.loss.vgg)

    def forward(self, batch: Batch, step: int, random: PairRandom) -> Step:
        """Reconstruct the driving frames from the sources.

        Args:
            batch: Pairs, recoloured.
            step: Decides how far the guidance has faded.
            random: One generator for each pair.
        """
        strength = self.settings.data.degradation
        found_source = self.model.detect(degrade(batch.source, strength, random))
        found_driving = self.model.detect(degrade(batch.driving, strength, random))
        encoding = self.model.encode(batch.source, found_source)
        terms: dict[str, Tensor] = {}
        source, driving = found_source, found_driving
        if self.guidance is not None:
            source, driving = self._guide(batch, step, found_source, found_driving, terms)
        encoding = encoding._replace(keypoints=source)
        animation = self.model.animate(encoding, driving)
        self._reconstruction(batch, animation, terms)
        exchanged = self._exchange(batch, encoding, terms)
        with torch.autocast(batch.driving.device.type, enabled=False):
            self._equivariance(batch, found_driving, random, terms)
        return Step(terms, animation, source, driving, exchanged)

    def _guide(
        self,
        batch: Batch,
        step: int,
        found_source: Keypoints,
        found_driving: Keypoints,
        terms: dict[str, Tensor],
    ) -> tuple[Keypoints, Keypoints]:
        assert self.guidance is not None
        target_source = self.guidance.targets(batch.source_landmarks)
        target_driving = self.guidance.targets(batch.driving_landmarks)
        strength = self.guidance.strength(step)
        if strength > 0.0:
            distance = self.guidance.loss(found_source, target_source)
            distance = distance + self.guidance.loss(found_driving, target_driving)
            terms["guidance"] = 0.5 * strength * distance
        share = self.guidance.own_share(step)
        return mix(target_source, found_source, share), mix(target_driving, found_driving, share)

    def _exchange(
        self, batch: Batch, encoding: SourceEncoding, terms: dict[str, Tensor]
    ) -> Exchanged | None:
        loss = self.settings.loss
        if self.guidance is None or not loss.exchanges or len(batch.source) < 2:
            return None
        reference = self.guidance.targets(batch.source_landmarks)
        driving = self.guidance.targets(batch.driving_landmarks)
        # The keypoints are held too: the way to them through picture and flow is steep, and a
        # detector trained that way was seen to diverge within a hundred steps.
        portrait = held(encoding.keypoints)
        motion = exchanged_motion(portrait, reference, driving)
        moved, _ = partners(len(batch.source))
        shown = encoding._replace(keypoints=portrait).at(moved)
        animation = self.model.animate(shown, motion)
        picture = animation.picture.float()
        mesh = Keypoints(batch.source_landmarks)
        marks = exchanged_motion(mesh, mesh, Keypoints(batch.driving_landmarks)).value
        if loss.exchange > 0.0:
            found = look(self.model.keypoint_detector, picture)
            wanted = exchanged_motion(reference, reference, driving)
            terms["exchange"] = loss.exchange * self.guidance.distance(found.value, wanted.value)
        if loss.exchanged_flow > 0.0:
            distance = flow_distance(animation.motion.grid, marks, batch.source_landmarks[moved])
            terms["exchanged_flow"] = loss.exchanged_flow * distance
        return Exchanged(picture, marks)

    def _reconstruction(self, batch: Batch, animation: Animation, terms: dict[str, Tensor]) -> None:
        loss = self.settings.loss
        size = batch.driving.shape[-1]
        weight = losses.region_weight(
            batch.driving_landmarks, size, mouth=loss.region, eyes=loss.eyes
        )
        picture = animation.picture.float()
        targets = losses.pyramid(batch.driving, loss.pyramid_levels)
        weights = losses.pyramid(weight, loss.pyramid_levels)
        terms.update(self._compare(picture, targets, weights))
        # From half the size on: nobody sees these two, so their finest detail need not be right.
        aids = [("warped", loss.warped, animation.warped_source)]
        if animation.painted is not None:
            aids.append(("painting", loss.painting, animation.painted))
        for prefix, share, aid in aids:
            if share > 0.0:
                half = functional.avg_pool2d(aid.float(), 2)
                compared = self._compare(half, targets[1:], weights[1:])
                terms.update({f"{prefix}_{name}": share * term for name, term in compared.items()})
        if loss.structure > 0.0:
            similarity = losses.structural_similarity(picture, batch.driving)
            terms["structure"] = loss.structure * (1.0 - similarity)
        if self.perceptual is not None:
            terms["perceptual"] = loss.perceptual * self.perceptual(picture, batch.driving)
        if loss.flow > 0.0:
            marks = batch.driving_landmarks, batch.source_landmarks
            terms["flow"] = loss.flow * flow_distance(animation.motion.grid, *marks)
        if loss.painted > 0.0 and animation.blend is not None:
            terms["painted"] = loss.painted * animation.blend.float().mean()

    def _compare(
        self, picture: Tensor, targets: list[Tensor], weights: list[Tensor]
    ) -> dict[str, Tensor]:
        loss = self.settings.loss
        levels = [losses.pyramid(picture, len(targets)), targets, weights]
        terms = {}
        for name, factor, measure in (
            ("pixel", loss.pixel, losses.weighted_l1),
            ("gradient", loss.gradient, losses.gradient_l1),
        ):
            if factor > 0.0:
                distances = [measure(*level) for level in zip(*levels, strict=True)]
                terms[name] = factor * torch.stack(distances).sum()
        return terms

    def _equivariance(
        self,
        batch: Batch,
        found: Keypoints,
        random: PairRandom,
        terms: dict[str, Tensor],
    ) -> None:
        loss = self.settings.loss
        if loss.equivariance_value <= 0.0 and loss.equivariance_jacobian <= 0.0:
            return
        height, width = batch.driving.shape[2:]
        drawn = random.thin_plate_spline(0.05, 0.005, 5)
        like = batch.driving
        spline = ThinPlateSpline(*(part.to(like) for part in _parts(drawn)))
        warped = warp(batch.driving, spline.grid(height, width), padding_mode="border")
        value, jacobian = losses.equivariance(found, self.model.detect(warped), spline)
        terms["equivariance_value"] = loss.equivariance_value * value
        terms["equivariance_jacobian"] = loss.equivariance_jacobian * jacobian


def _parts(spline: ThinPlateSpline) -> tuple[Tensor, Tensor, Tensor]:
    return spline.affine, spline.control_points, spline.weights


def total(terms: dict[str, Tensor]) -> Tensor:
    """Return the sum of the terms."""
    return torch.stack(list(terms.values())).sum()
