"""A measurement of a tiny model says something of every back end."""

import pytest
import torch

from avatarify.session.bench import machine as machine_limits
from avatarify.session.bench.engines import measure_engines
from avatarify.session.bench.machine import measure_machine
from avatarify.session.bench.memory import peak_memory_mb
from avatarify.session.bench.subjects import Subject, vox_config
from tests.tiny_models import tiny_model


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject("tiny", tiny_model("compact"))


def test_every_back_end_has_a_row(subject: Subject) -> None:
    found = measure_engines(subject, "cpu", 0.05, ["fp32"])
    rows = {(row.backend, row.precision): row for row in found.engines}
    assert next(iter(rows)) == ("textbook", "fp32")
    assert {backend for backend, _ in rows} == {"textbook", "reference", "torch", "openvino"}
    torch_row = rows["torch", "fp32"]
    assert torch_row.times_textbook > 0.0
    assert torch_row.frame_ms > 0.0
    assert torch_row.largest_difference < 1e-3
    assert torch_row.keeps_bound
    assert rows["reference", "fp32"].largest_difference == 0.0
    assert torch_row.worst_psnr_db > 60.0
    for row in found.engines:
        assert row.times_textbook > 0.0 or row.note
    assert found.textbook_gflop > 0.0
    assert found.checked_frames == 20
    assert 0.0 < found.float32_noise < 1e-3


def test_limits_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_limits, "_MATRIX_SIDE", 512)
    monkeypatch.setattr(machine_limits, "_COPIED_BYTES", 2**22)
    monkeypatch.setattr(machine_limits, "_CONVOLUTION", (1, 64, 32, 32))
    machine = measure_machine(torch.device("cpu"), 0.01)
    assert machine.matrix_product_gflops > 1.0
    assert machine.half_convolution_gflops > 0.1
    assert machine.copy_gb_per_s > 0.1
    memory = peak_memory_mb()
    assert memory is None or memory > 10.0


def test_the_large_model_has_the_published_size() -> None:
    from avatarify.networks.motion_model import build

    with torch.device("meta"):
        model = build(vox_config())
    millions = sum(tensor.numel() for tensor in model.parameters()) / 1e6
    assert millions == pytest.approx(59.8, abs=0.1)
