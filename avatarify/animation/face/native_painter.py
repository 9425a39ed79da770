"""Paints one portrait's person and room on the processor, by compiled functions."""

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.processor_painter import ProcessorPainter
from avatarify.animation.face.puppet import STEP, FacePuppet, PersonMotion
from avatarify.animation.native.library import NativeLibrary, NativePicture
from avatarify.frames import Image
from avatarify.geometry.face_transfer import MovedFace
from avatarify.geometry.similarity import Similarity


class NativePainter(ProcessorPainter):
    """Paints what `ProcessorPainter` does; mirrored skin still by OpenCV."""

    def __init__(self, puppet: FacePuppet, library: NativeLibrary) -> None:
        """Take a portrait.

        Args:
            puppet: Its layers and its mesh.
            library: The compiled functions.
        """
        super().__init__(puppet)
        self._library = library
        self._person = NativePicture(puppet.person)

    def _motion(self, face: MovedFace) -> PersonMotion:
        return self.puppet.motion(face, self._library)

    def _places(
        self,
        maps: NDArray[np.float32],
        label: NDArray[np.int32],
        corner: tuple[int, int],
        hidden: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.float32]:
        label, shift = np.ascontiguousarray(label), float(self.puppet.into_person)
        places = self._library.places(maps, label, corner, shift=shift, hidden=hidden)
        return super()._places(maps, label, corner, hidden) if places is None else places

    def _warped(
        self, found: PersonMotion, hidden: NDArray[np.uint8] | None, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        places = self._places(found.maps, found.label, (found.left, found.top), hidden)
        surfaces = self.puppet.surfaces(found, hidden)
        return self._library.warped(self._person, places, surfaces, (STEP, STEP), size)

    def _lay_behind(
        self,
        warped: NDArray[np.uint8],
        seen: NDArray[np.uint8],
        head: Similarity,
        corner: tuple[int, int],
    ) -> None:
        linear, shift = self.puppet.behind_to_picture(head)
        back = np.linalg.inv(linear)
        into_behind = np.column_stack([back, back @ (np.array(corner) - shift)])
        behind = self.puppet.behind.person
        self._library.lay_behind(warped, seen, (STEP, STEP), behind, into_behind)

    def _compose(self, person: NDArray[np.uint8], place: Image) -> None:
        self._library.compose(person, place)
