import errno
from pathlib import Path

import pytest

from avatarify.media.output_errors import output_error


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EFBIG, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.ENOENT, "folder /somewhere does not exist"),
        (errno.EISDIR, "Choose another name"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_reason_has_an_advice(number: int, advice: str) -> None:
    error = OSError(number, "Input/output error")
    message = str(output_error(Path("/somewhere/a.mp4"), error))
    assert message.startswith("Cannot write /somewhere/a.mp4. ")
    assert advice in message
