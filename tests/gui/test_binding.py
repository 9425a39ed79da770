import sys

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None lives for ever since Python 3.12")
def test_calls_that_return_nothing_take_no_reference_from_none(qapp: QApplication) -> None:
    """PySide6 6.12.0 does: any window then ends in "deallocating None" after a while."""
    font = QFont()
    before = sys.getrefcount(None)
    for _ in range(1000):
        font.setPixelSize(11)
    assert abs(sys.getrefcount(None) - before) < 100
