"""A network called without OpenVINO's Python around it answers as it does with it."""

import numpy as np
import pytest

from avatarify.tracking.network_call import NetworkCall


def test_answers_are_openvinos_and_stay_as_they_were() -> None:
    library = pytest.importorskip("openvino")
    from openvino import opset13 as ops

    given = ops.parameter([2, 3], np.float32)
    graph = library.Model([ops.multiply(given, given), ops.reduce_sum(given, 1)], [given])
    network = library.Core().compile_model(graph, "CPU")
    first, second = np.random.default_rng(3).normal(size=(2, 2, 3)).astype(np.float32)
    call = NetworkCall(network)
    call.given[...] = first
    answers = call()
    wanted = list(network(first).values())
    call.given[...] = second
    others = call()
    for answer, want, other in zip(answers, wanted, others, strict=True):
        np.testing.assert_array_equal(answer, want)
        assert not np.array_equal(answer, other)
