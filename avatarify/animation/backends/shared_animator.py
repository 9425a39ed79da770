"""Several portraits animated together: the card of a team, or of a studio with many cameras.

All streams' frames are one batch of one step, `WholeStep`, so that a card's launches and its
idle multiprocessors are shared. What belongs to a stream lies on the device in one row of a few
large tensors, and a batch names its rows: streams may come, go and skip frames without a graph
being captured again.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from avatarify.animation.backends.device_step import Driver, WholeStep, full_float32
from avatarify.animation.backends.static_step import StaticStep
from avatarify.animation.devices import DTYPES, Precision, name_of
from avatarify.animation.engine import EngineDescription
from avatarify.animation.rewriting.parts import Still, split
from avatarify.animation.torch_engine import to_tensor
from avatarify.frames import Image
from avatarify.geometry import transfer
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import MotionModel

_SAME_CROP = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


class Stream:
    """One portrait and its driver; `SharedAnimator.join` gives it."""

    def __init__(self, seat: int) -> None:
        """Belong to a row of the shared tensors."""
        self.seat = seat


class _Seats(NamedTuple):
    """What belongs to the streams, one row each."""

    portrait: Tensor
    still: Still
    driver: Driver

    def flat(self) -> tuple[Tensor, ...]:
        *fixed, features = self.still
        return (self.portrait, *fixed, *features, *self.driver)

    def each(self, change: Callable[[Tensor], Tensor]) -> "_Seats":
        """Return all fields, changed in the same way."""
        still, driver = self.still, self.driver
        return _Seats(
            change(self.portrait),
            Still(
                change(still.small),
                change(still.leaving),
                change(still.value),
                change(still.matrix),
                tuple(change(features) for features in still.features),
            ),
            Driver(
                change(driver.value),
                change(driver.matrix),
                change(driver.scale),
                change(driver.gain),
            ),
        )


class SharedAnimator:
    """Animates as many streams as it has seats; one thread uses it.

    Example:
        >>> shared = SharedAnimator(model, seats=8)
        >>> anna = shared.join(portrait)
        >>> shared.calibrate(anna, first_frame)
        >>> shared.submit(anna, frame)
        >>> shared.launch()  # the card computes; there is time to fetch the next frames
        >>> picture = shared.collect()[anna]
    """

    def __init__(
        self,
        model: MotionModel,
        seats: int,
        precision: Precision = "fp32",
        device: torch.device | None = None,
        note: str = "",
    ) -> None:
        """Prepare a model; on a card capture its graphs.

        Args:
            model: In eval mode, on the CPU; it stays as it is.
            seats: How many streams there can be.
            precision: Of the part that paints; coordinates are always float32.
            device: The CPU when left out.
            note: Said in `description`.

        Raises:
            RuntimeError: The card or its driver does not take part.
        """
        if seats < 1:
            raise ValueError(f"at least one seat is needed, not {seats}")
        self._config = model.config
        self._device = device or torch.device("cpu")
        self._is_cuda = self._device.type == "cuda"
        self._parts = split(model)
        for module in (self._parts.model, self._parts.detect, self._parts.move, self._parts.paint):
            module.to(self._device)
        self._parts.paint.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self._whole = WholeStep(self._parts, DTYPES[precision])
        name = precision if precision == "fp32" else f"fp32, painting {precision}"
        self._description = EngineDescription("torch", name_of(self._device), name, note)
        self._free = list(reversed(range(seats)))
        self._streams: set[Stream] = set()
        self._waiting: list[Stream] = []
        self._flying: list[Stream] = []
        self._uploaded: torch.cuda.Event | None = None
        self._landed: torch.cuda.Event | None = None
        with torch.inference_mode(), full_float32():
            self._prepare(seats)

    @property
    def config(self) -> ModelConfig:
        """Sizes of pictures, number of keypoints."""
        return self._config

    @property
    def description(self) -> EngineDescription:
        """What runs the model."""
        return self._description

    @property
    def free_seats(self) -> int:
        """How many streams can still join."""
        return len(self._free)

    @torch.inference_mode()
    def join(self, portrait: Image) -> Stream:
        """Take a seat; the portrait stays still until `calibrate`.

        Args:
            portrait: RGB uint8 (S, S, 3), S the configuration's `output_size`.

        Raises:
            ValueError: The portrait has another size, or there is no free seat.
        """
        if not self._free:
            raise ValueError("every seat is taken")
        encoded = self._encoded(portrait)
        stream = Stream(self._free.pop())
        self._streams.add(stream)
        self._write(stream, encoded)
        return stream

    @torch.inference_mode()
    def set_source(self, stream: Stream, portrait: Image) -> None:
        """Choose another portrait; it stays still until `calibrate`."""
        self._require(stream)
        self._write(stream, self._encoded(portrait))

    @torch.inference_mode()
    def calibrate(self, stream: Stream, driving: Image, gain: float = 1.0) -> None:
        """Store a driving frame's keypoints as the stream's driving reference.

        Args:
            stream: From `join`.
            driving: RGB uint8 (s, s, 3), s the configuration's `image_size`.
            gain: 0 keeps the portrait still, 1 is the driver's motion.
        """
        self._require(stream)
        pixels = torch.from_numpy(_checked(driving, self._config.image_size))[None]
        with full_float32():
            value, matrix = self._parts.detect(pixels.to(self._device))
        source = self._seats.still.value[stream.seat][None]
        scale = transfer.movement_scale(Keypoints(source), Keypoints(value))
        new = (value, matrix, torch.full((1, 1, 1), scale), torch.full((1, 1, 1), gain))
        for row, tensor in zip(self._seats.driver, new, strict=True):
            row[stream.seat].copy_(tensor[0])

    @torch.inference_mode()
    def submit(
        self,
        stream: Stream,
        driving: Image,
        crop_change: NDArray[np.floating] | None = None,
    ) -> None:
        """Hand in a stream's frame for the next `launch`; the newest one counts.

        Args:
            stream: From `join`.
            driving: RGB uint8 (s, s, 3), s the configuration's `image_size`.
            crop_change: (2, 3), maps this crop's coordinates to those of the crop at calibration.

        Raises:
            ValueError: The picture has another size, or the stream has left.
        """
        self._require(stream)
        pixels = _checked(driving, self._config.image_size)
        change = np.asarray(_SAME_CROP if crop_change is None else crop_change, dtype=np.float32)
        if change.shape != (2, 3):
            raise ValueError(f"a crop's change is (2, 3), not {change.shape}")
        self._await_upload()
        if stream not in self._waiting:
            self._waiting.append(stream)
        row = self._waiting.index(stream)
        self._takeoff[row].copy_(torch.from_numpy(pixels))
        self._changes[row].copy_(torch.from_numpy(change))

    @torch.inference_mode()
    def launch(self) -> int:
        """Start to animate what was handed in; on a card this returns before it is done.

        Returns:
            How many streams take part.

        Raises:
            ValueError: The last pictures were not collected.
        """
        if self._flying:
            raise ValueError("the last pictures must be collected first")
        count = len(self._waiting)
        if not count:
            return 0
        step = self._step(self._batch_size(count))
        size = step.inputs[0].shape[0]
        # What fills a graph's batch up is the first stream again.
        seats = [stream.seat for stream in self._waiting] + [self._waiting[0].seat] * (size - count)
        self._rows[:size].copy_(torch.tensor(seats))
        for kept, host in zip(step.inputs, (self._takeoff, self._changes, self._rows), strict=True):
            kept.copy_(host[:size], non_blocking=True)
        self._uploaded = self._event()
        (pictures,) = step.run()
        self._landing[:size].copy_(pictures, non_blocking=True)
        self._landed = self._event()
        self._flying, self._waiting = self._waiting, []
        return count

    def collect(self) -> dict[Stream, Image]:
        """Wait for the pictures of the last `launch`.

        Returns:
            RGB uint8 (S, S, 3) of each stream that took part and has not left since.
        """
        if self._landed is not None:
            self._landed.synchronize()
        flown, self._flying = self._flying, []
        return {
            stream: np.array(self._landing[row].numpy())
            for row, stream in enumerate(flown)
            if stream in self._streams
        }

    @torch.inference_mode()
    def leave(self, stream: Stream) -> None:
        """Give the seat back; frames on their way are dropped. A second call does nothing."""
        if stream not in self._streams:
            return
        self._streams.remove(stream)
        self._free.append(stream.seat)
        if stream in self._waiting:
            self._stand_down(self._waiting.index(stream))

    def close(self) -> None:
        """Leave the device's memory; a second call does nothing."""
        for step in self._steps.values():
            step.release()
        self._steps.clear()
        for module in (self._parts.model, self._whole):
            module.to("cpu")

    def _stand_down(self, row: int) -> None:
        """Let the last of the waiting take a row over."""
        self._await_upload()
        last = len(self._waiting) - 1
        for host in (self._takeoff, self._changes):
            host[row].copy_(host[last])
        self._waiting[row] = self._waiting[last]
        self._waiting.pop()

    def _await_upload(self) -> None:
        """Wait until the last frames have left the buffers: usually they have long ago."""
        if self._uploaded is not None:
            self._uploaded.synchronize()

    def _prepare(self, seats: int) -> None:
        side, output, channels = (
            self._config.image_size,
            self._config.output_size,
            self._config.channels,
        )
        self._takeoff = self._host((seats, side, side, channels), torch.uint8)
        self._changes = self._host((seats, 2, 3), torch.float32)
        self._rows = self._host((seats,), torch.int64)
        self._landing = self._host((seats, output, output, channels), torch.uint8)
        blank = self._encoded(np.zeros((output, output, channels), dtype=np.uint8))
        self._seats = blank.each(lambda row: row.repeat(seats, *[1] * (row.ndim - 1)))
        self._steps: dict[int, StaticStep] = {}
        if self._is_cuda:
            for count in range(1, seats + 1):
                self._step(self._batch_size(count))

    def _host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        return torch.zeros(*shape, dtype=dtype, pin_memory=self._is_cuda)

    def _event(self) -> torch.cuda.Event | None:
        if not self._is_cuda:
            return None
        event = torch.cuda.Event()  # type: ignore[no-untyped-call]  # untyped in torch
        event.record()
        return event

    def _batch_size(self, count: int) -> int:
        """Return how large a batch is run: a card has graphs for powers of two only."""
        if not self._is_cuda:
            return count
        return min(1 << (count - 1).bit_length(), self._takeoff.shape[0])

    def _step(self, size: int) -> StaticStep:
        """Return the step for batches of a size; on a card all exist from the start."""
        if size not in self._steps:
            example = (self._takeoff[:size], self._changes[:size], self._rows[:size])
            on_device = tuple(tensor.to(self._device) for tensor in example)
            self._steps[size] = StaticStep(self._animated, on_device)
        return self._steps[size]

    def _animated(self, pixels: Tensor, changes: Tensor, rows: Tensor) -> tuple[Tensor, ...]:
        portrait, still, driver = self._seats.each(lambda kept: kept.index_select(0, rows))
        return (self._whole(pixels, changes, driver, portrait, still),)

    def _encoded(self, picture: Image) -> _Seats:
        """Return a portrait as a row, its driver not yet calibrated."""
        portrait = to_tensor(_checked(picture, self._config.output_size), self._device)
        with full_float32():
            still = self._parts.encode(portrait)
        scale, gain = (torch.full((1, 1, 1), value, device=self._device) for value in (1.0, 0.0))
        return _Seats(portrait, still, Driver(still.value, still.matrix, scale, gain))

    def _write(self, stream: Stream, row: _Seats) -> None:
        for kept, tensor in zip(self._seats.flat(), row.flat(), strict=True):
            kept[stream.seat].copy_(tensor[0])

    def _require(self, stream: Stream) -> None:
        if stream not in self._streams:
            raise ValueError("the stream has left")


def _checked(image: Image, side: int) -> Image:
    if image.shape != (side, side, 3) or image.dtype != np.uint8:
        raise ValueError(f"expected RGB uint8 {(side, side, 3)}, got {image.dtype} {image.shape}")
    return np.ascontiguousarray(image)
