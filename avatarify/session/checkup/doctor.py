"""Looks at the machine and says, line by line, what is fit and what to do about the rest."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict

from avatarify.session.checkup.cameras import check_cameras, check_virtual_cameras
from avatarify.session.checkup.desktop import check_desktop
from avatarify.session.checkup.face_engine import check_face_engine
from avatarify.session.checkup.finding import Finding, Level, worst
from avatarify.session.checkup.graphics_card import check_graphics_card
from avatarify.session.checkup.models import check_models, check_tracker
from avatarify.session.checkup.packages import check_packages, check_python
from avatarify.session.checkup.storage import check_storage

logger = logging.getLogger(__name__)

Check = Callable[[], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_graphics_card,
    check_face_engine,
    check_cameras,
    check_virtual_cameras,
    check_models,
    check_tracker,
    check_desktop,
    check_storage,
)
"""In the order of the report."""


def examine(checks: tuple[Check, ...] = CHECKS) -> Iterator[Finding]:
    """Make the checks one after the other.

    A check that breaks is reported as a warning: the doctor is for machines where things are odd.

    Args:
        checks: What to look at.

    Yields:
        A line of the report, as soon as it is known.
    """
    for check in checks:
        try:
            yield from check()
        except Exception as error:
            logger.debug("%s broke", check, exc_info=True)
            yield Finding(
                check.__name__.removeprefix("check_").replace("_", " ").capitalize(),
                Level.WARNING,
                f"could not be checked: {error}",
            )


def to_json(findings: tuple[Finding, ...]) -> str:
    """The report as indented JSON, with the worst level first."""
    content = {"worst": worst(findings), "findings": [asdict(finding) for finding in findings]}
    return json.dumps(content, indent=2, ensure_ascii=False)
