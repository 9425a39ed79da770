import struct

from avatarify.media.pipewire import pod
from avatarify.media.pipewire.parameters import camera_buffers, camera_format


def test_an_integer_is_size_type_value_and_padding() -> None:
    assert pod.integer(-2) == struct.pack("=IIiI", 4, 4, -2, 0)


def test_a_rectangle_needs_no_padding() -> None:
    assert pod.rectangle(1280, 720) == struct.pack("=IIII", 8, 10, 1280, 720)


def test_a_choice_has_one_header_for_all_its_numbers() -> None:
    encoded = pod.integer_choice(pod.ChoiceKind.RANGE, (4, 2, 8))
    assert encoded == struct.pack("=10I", 28, 19, 1, 0, 4, 4, 4, 2, 8, 0)


def test_an_object_lists_key_flags_value() -> None:
    encoded = pod.pod_object(0x40003, 3, {1: pod.identifier(2)})
    assert encoded == struct.pack("=4I", 32, 15, 0x40003, 3) + struct.pack("=6I", 1, 0, 4, 3, 2, 0)


def test_every_parameter_is_a_whole_number_of_eight_bytes() -> None:
    for encoded in (camera_format(1280, 720, 30), camera_buffers(1280, 720)):
        assert len(encoded) % 8 == 0
        assert struct.unpack_from("=I", encoded)[0] == len(encoded) - 8


def test_broadcast_rates_are_exact_fractions() -> None:
    assert camera_format(640, 480, 30000 / 1001).endswith(struct.pack("=4I", 8, 11, 30000, 1001))
