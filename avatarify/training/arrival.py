"""Whether another person's motion arrives in the picture: the detector itself looks.

Reconstruction always moves a person by their own motion. How a portrait looks that somebody else
moves, nobody knows; but where its keypoints should have gone is known, and the detector can tell
where they are.
"""

from torch import Tensor
from torch.func import functional_call

from avatarify.geometry.keypoints import Keypoints
from avatarify.geometry.transfer import relative
from avatarify.networks.keypoint_detector import KeypointDetector


def look(detector: KeypointDetector, picture: Tensor) -> Keypoints:
    """Detect with weights held fast: gradients reach the picture and leave the detector alone.

    A detector that could learn here would find what it wishes to find.

    Args:
        detector: Its weights and its norms' statistics stay as they are.
        picture: (B, C, S, S), in [0, 1].
    """
    weights = {name: parameter.detach() for name, parameter in detector.named_parameters()}
    weights |= {name: buffer.clone() for name, buffer in detector.named_buffers()}
    found: Keypoints = functional_call(detector, weights, (picture,))
    return found


def held(keypoints: Keypoints) -> Keypoints:
    """Return keypoints that pass no gradient on."""
    value, jacobian, covariance = keypoints
    return Keypoints(
        value.detach(),
        None if jacobian is None else jacobian.detach(),
        None if covariance is None else covariance.detach(),
    )


def partners(count: int) -> tuple[slice, slice]:
    """Return who is moved and by whom: of each two neighbours the first by the second.

    Neighbours, because processes that share a batch hold an even number of pairs each.

    Args:
        count: Pairs of the batch.

    Returns:
        Two slices of `count // 2` pairs.
    """
    return slice(0, count - count % 2, 2), slice(1, None, 2)


def exchanged_motion(portrait: Keypoints, source: Keypoints, driving: Keypoints) -> Keypoints:
    """Return where the first of each two portraits goes when the second one's driver moves it.

    Args:
        portrait: (B, K, ...), what is moved; B at least 2.
        source: (B, K, ...), the reference of the driver's motion.
        driving: (B, K, ...).

    Returns:
        Keypoints of B // 2 pictures; relative motion, as a live call transfers it.
    """
    moved, mover = partners(len(portrait.value))
    return relative(portrait.at(moved), driving.at(mover), source.at(mover))
