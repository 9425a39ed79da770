"""Reads YAML that anybody may have written: plain, bounded, and with every failure told."""

from pathlib import Path
from typing import Any

import yaml

_LARGEST = 1_000_000
"""Bytes; a configuration has a few thousand, and a larger file takes minutes to read."""


class YamlFileError(Exception):
    """The file is no YAML that can be read; the message says why, in one line."""


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        OSError: It cannot be read.
        YamlFileError: It is no YAML, or too large, too deep, or refers to itself.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise YamlFileError("it is larger than any configuration")
        return yaml.load(content.decode("utf-8-sig"), _PlainLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise YamlFileError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise YamlFileError("it is nested too deeply") from error
    # Impossible dates and numbers of thousands of digits; PyYAML lets these through as they are.
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise YamlFileError(str(error) or type(error).__name__) from error


class _PlainLoader(yaml.SafeLoader):
    """Knows no references: a few lines of them can stand for more than any memory holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Build one node of the tree."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references (*) are not read")
        return super().compose_node(parent, index)
