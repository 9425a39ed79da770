import time
from pathlib import Path

import pytest

from avatarify.animation.published_config import read_published_config
from avatarify.animation.yaml_file import YamlFileError, read_yaml
from avatarify.errors import CheckpointError

DOUBLED = "a0: &a0 [x, x]\n" + "".join(
    f"a{level + 1}: &a{level + 1} [*a{level}, *a{level}]\n" for level in range(40)
)
MERGED = "m0: &m0 {x: 1}\n" + "".join(
    f"m{level + 1}: &m{level + 1}\n  <<: [*m{level}, *m{level}]\n" for level in range(40)
)
ODD = {
    "nested lists": "[" * 5_000 + "]" * 5_000,
    "nested objects": "{a: " * 5_000 + "1" + "}" * 5_000,
    "nested lines": "".join(" " * depth + "a:\n" for depth in range(1200)),
    "an impossible date": "a: 2026-99-99",
    "an impossible time": "a: 2026-01-01 99:99:99",
    "many digits": "a: " + "9" * 6_000,
    "references doubled": DOUBLED,
    "references merged": MERGED,
    "a reference to itself": "&a [*a]",
    "a list as a key": "? [a, b]\n: 1\n? {a: b}\n: 2",
    "program code": "a: !!python/object/apply:os.system ['true']",
    "binary that is none": "a: !!binary é",
    "two documents": "a: 1\n---\nb: 2",
    "a letter that is none": "a: \0",
    "an open text": 'a: "b',
    "too large": "a: 1\n" * 300_000,
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_odd_yaml_is_refused_soon_and_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(content)
    began = time.monotonic()
    with pytest.raises(YamlFileError) as refused:
        read_yaml(path)
    assert "\n" not in str(refused.value)
    with pytest.raises(CheckpointError, match="is not a YAML file") as told:
        read_published_config(path)
    assert len(str(told.value)) < 1000
    assert time.monotonic() - began < 30


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(YamlFileError):
        read_yaml(tmp_path / "a.yaml")


def test_plain_yaml_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [1, 2.5]\nb: {c: yes}\n", "utf-8-sig")
    assert read_yaml(tmp_path / "a.yaml") == {"a": [1, 2.5], "b": {"c": True}}
