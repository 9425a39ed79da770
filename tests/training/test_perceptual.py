"""The VGG loss, for those who have the file."""

from pathlib import Path

import pytest
import torch

from avatarify.errors import SettingsError
from avatarify.training.perceptual import VggPerceptual, load_vgg


@pytest.fixture(scope="module")
def vgg_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with torchvision's names and shapes and random weights."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("vgg") / "vgg19.pth"
    state = VggPerceptual().state_dict()
    assert list(state)[:3] == ["features.0.weight", "features.0.bias", "features.2.weight"]
    assert "features.28.weight" not in state  # the fifth block is not compared
    torch.save({**state, "classifier.0.weight": torch.zeros(1)}, path)
    return path


def test_equal_pictures_are_equal_and_others_are_not(vgg_file: Path) -> None:
    vgg = load_vgg(str(vgg_file))
    picture, other = torch.rand(2, 1, 3, 32, 32)
    assert vgg(picture, picture).item() == 0.0
    assert vgg(picture, other).item() > 0.0
    assert not any(parameter.requires_grad for parameter in vgg.parameters())


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="VGG-19"):
        load_vgg(str(tmp_path / "nowhere.pth"))
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(SettingsError, match="VGG-19"):
        load_vgg(str(tmp_path / "other.pth"))
