import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from avatarify.errors import OutputError, VideoError
from avatarify.frames import Frame, Image
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from tests.full_disk import file_size_limit

ROOT = Path(__file__).resolve().parents[2]


def _noise(index: int, height: int = 64, width: int = 64) -> Image:
    return np.random.default_rng(index).integers(0, 255, (height, width, 3), np.uint8)


def _write(path: Path, times_s: list[float], *, fps: float = 30) -> None:
    with VideoWriter(path, fps) as writer:
        for index, time_s in enumerate(times_s):
            writer.write(Frame(_noise(index), time_s, index))


def _write_frames(writer: VideoWriter, count: int) -> None:
    for index in range(count):
        writer.write(Frame(_noise(index), index / 30, index))


def _read_times(path: Path) -> list[float]:
    with VideoFile(path) as video:
        return [frame.time_s for frame in iter(video.read, None)]


def _sound(path: Path) -> tuple[str, float, float]:
    """Codec, and begin and end of the sound in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        pieces = list(container.decode(stream))
        assert pieces[-1].time is not None
        end_s = pieces[-1].time + pieces[-1].samples / pieces[-1].rate
        return stream.codec_context.codec.canonical_name, float(pieces[0].time or 0), end_s


def _make_video_with_sound(path: Path, codec: str, *, seconds: float = 2.0) -> None:
    """A grey video whose sound is a tone of 440 Hz."""
    with av.open(str(path), "w") as container:
        picture_stream = container.add_stream("mpeg4", rate=25)
        picture_stream.width = picture_stream.height = 32
        picture_stream.pix_fmt = "yuv420p"
        sound_stream = container.add_stream(codec, rate=44100)
        assert isinstance(sound_stream, AudioStream)
        grey = np.full((32, 32, 3), 127, np.uint8)
        for index in range(round(25 * seconds)):
            picture = av.VideoFrame.from_ndarray(grey, format="rgb24")
            picture.pts = index
            container.mux(picture_stream.encode(picture))
        samples = np.sin(np.arange(round(44100 * seconds)) * 440 * 2 * np.pi / 44100)
        tone = (samples * 10000).astype(np.int16)[None]
        for start in range(0, tone.shape[1], 1152):
            piece = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(tone[:, start : start + 1152]), format="s16", layout="mono"
            )
            piece.rate, piece.pts = 44100, start
            container.mux(sound_stream.encode(piece))
        container.mux(picture_stream.encode(None))
        container.mux(sound_stream.encode(None))


@pytest.mark.parametrize("fps", [15, 24000 / 1001, 25, 30, 60000 / 1001])
def test_a_constant_frame_rate_is_kept(tmp_path: Path, fps: float) -> None:
    times_s = [index / fps for index in range(20)]
    _write(tmp_path / "a.mp4", times_s, fps=fps)
    with VideoFile(tmp_path / "a.mp4") as video:
        assert video.fps == pytest.approx(fps, rel=1e-6)
        assert video.frame_count == 20
    assert _read_times(tmp_path / "a.mp4") == pytest.approx(times_s, abs=1e-9)


def test_a_varying_frame_rate_is_kept(tmp_path: Path) -> None:
    times_s = [0, 0.1, 0.11, 0.5, 0.52, 1.7, 3.0]
    _write(tmp_path / "a.mp4", times_s)
    assert _read_times(tmp_path / "a.mp4") == pytest.approx(times_s, abs=2e-5)


def test_live_times_are_counted_from_the_first_frame(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [1000.0, 1000.1, 1000.3])
    assert _read_times(tmp_path / "a.mp4") == pytest.approx([0, 0.1, 0.3], abs=2e-5)


def test_frames_of_one_instant_all_stay(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [0.0, 0.5, 0.5, 0.4, 0.6])
    times_s = _read_times(tmp_path / "a.mp4")
    assert len(times_s) == 5
    assert times_s == sorted(set(times_s))


def test_colours_survive(tmp_path: Path) -> None:
    image = np.zeros((64, 96, 3), np.uint8)
    for column, colour in enumerate([(220, 30, 30), (30, 200, 40), (40, 60, 210)]):
        image[:, column * 32 : (column + 1) * 32] = colour
    with VideoWriter(tmp_path / "a.mp4", 25) as writer:
        writer.write(Frame(image, 0.0, 0))
    with VideoFile(tmp_path / "a.mp4") as video:
        frame = video.read()
    assert frame is not None
    middles = frame.image[32, 16::32].astype(int)
    assert np.abs(middles - image[32, 16::32]).max() <= 6


@pytest.mark.parametrize("size", [(63, 64), (64, 63), (63, 65), (1, 1)])
def test_odd_sizes_are_padded_to_even_ones(tmp_path: Path, size: tuple[int, int]) -> None:
    with VideoWriter(tmp_path / "a.mp4", 25) as writer:
        writer.write(Frame(_noise(0, *size), 0.0, 0))
    with VideoFile(tmp_path / "a.mp4") as video:
        assert video.size == (size[0] + size[0] % 2, size[1] + size[1] % 2)


def test_another_size_is_the_callers_mistake(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", 25) as writer:
        writer.write(Frame(_noise(0, 64, 64), 0.0, 0))
        with pytest.raises(ValueError, match="64"):
            writer.write(Frame(_noise(0, 32, 64), 0.1, 1))


def test_a_build_without_x264_falls_back(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", 25, encoders=("libmissing", "mpeg4")) as writer:
        for index in range(10):
            writer.write(Frame(_noise(index), index / 25, index))
    assert _read_times(tmp_path / "a.mp4") == pytest.approx([i / 25 for i in range(10)])


def test_a_build_without_any_encoder_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="without a video encoder"):
        VideoWriter(tmp_path / "a.mp4", 25, encoders=("libmissing",))


def test_sound_is_copied_as_far_as_the_pictures_reach(tmp_path: Path) -> None:
    _make_video_with_sound(tmp_path / "in.mp4", "aac")
    with VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.mp4") as writer:
        for index in range(25):
            writer.write(Frame(_noise(index), index / 25, index))
    codec, begin_s, end_s = _sound(tmp_path / "out.mp4")
    assert codec == "aac"
    assert begin_s == pytest.approx(0.0, abs=0.03)
    assert end_s == pytest.approx(1.0, abs=0.03)


def test_sound_that_an_mp4_does_not_hold_becomes_aac(tmp_path: Path) -> None:
    _make_video_with_sound(tmp_path / "in.avi", "pcm_s16le")
    with VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.avi") as writer:
        for index in range(50):
            writer.write(Frame(_noise(index), index / 25, index))
    codec, begin_s, end_s = _sound(tmp_path / "out.mp4")
    assert codec == "aac"
    assert begin_s == pytest.approx(0.0, abs=0.03)
    assert end_s == pytest.approx(2.0, abs=0.05)


def test_mp3_sound_of_an_avi_is_copied(tmp_path: Path) -> None:
    _make_video_with_sound(tmp_path / "in.avi", "libmp3lame")
    with VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.avi") as writer:
        for index in range(50):
            writer.write(Frame(_noise(index), index / 25, index))
    assert _sound(tmp_path / "out.mp4")[0] == "mp3"


def test_a_tone_keeps_its_pitch_and_place(tmp_path: Path) -> None:
    _make_video_with_sound(tmp_path / "in.avi", "pcm_s16le")
    with VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.avi") as writer:
        for index in range(50):
            writer.write(Frame(_noise(index), index / 25, index))
    with av.open(str(tmp_path / "out.mp4")) as container:
        sound = np.concatenate([piece.to_ndarray()[0] for piece in container.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(sound[:44100]))
    assert int(spectrum.argmax()) == 440


def test_sound_shorter_than_the_pictures_is_no_problem(tmp_path: Path) -> None:
    _make_video_with_sound(tmp_path / "in.mp4", "aac", seconds=0.5)
    with VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.mp4") as writer:
        for index in range(100):
            writer.write(Frame(_noise(index), index / 25, index))
    assert len(_read_times(tmp_path / "out.mp4")) == 100
    assert _sound(tmp_path / "out.mp4")[2] == pytest.approx(0.5, abs=0.05)


def test_a_silent_source_of_sound_gives_a_silent_video(tmp_path: Path) -> None:
    _write(tmp_path / "in.mp4", [0, 0.1])
    with VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.mp4") as writer:
        writer.write(Frame(_noise(0), 0.0, 0))
    with VideoFile(tmp_path / "out.mp4") as video:
        assert not video.has_sound


def test_an_unreadable_source_of_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "in.mp4").write_text("no video")
    with pytest.raises(VideoError, match=r"in\.mp4 is not a video that can be read"):
        VideoWriter(tmp_path / "out.mp4", 25, audio_from=tmp_path / "in.mp4")


def test_the_file_that_is_read_is_never_overwritten(tmp_path: Path) -> None:
    _make_video_with_sound(tmp_path / "in.mp4", "aac")
    with pytest.raises(OutputError, match="also what is read"):
        VideoWriter(tmp_path / "in.mp4", 25, audio_from=tmp_path / "in.mp4")
    assert len(_read_times(tmp_path / "in.mp4")) == 50


def test_a_missing_folder_is_told_before_the_first_frame(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        VideoWriter(tmp_path / "missing" / "a.mp4", 25)


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="folder of that name"):
        VideoWriter(tmp_path, 25)


def test_closing_before_the_first_frame_leaves_things_as_they_were(tmp_path: Path) -> None:
    _write(tmp_path / "old.mp4", [0, 0.1])
    VideoWriter(tmp_path / "old.mp4", 25).close()
    VideoWriter(tmp_path / "new.mp4", 25).close()
    assert len(_read_times(tmp_path / "old.mp4")) == 2
    assert not (tmp_path / "new.mp4").exists()


def test_a_film_that_cannot_be_encoded_replaces_none(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [0, 0.1])
    before = (tmp_path / "a.mp4").read_bytes()
    with (
        pytest.raises(OutputError, match="Cannot encode"),
        VideoWriter(tmp_path / "a.mp4", 25) as writer,
    ):
        writer.write(Frame(_noise(0, 2, 40_000), 0.0, 0))  # wider than H.264 allows
    assert (tmp_path / "a.mp4").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "a.mp4"]


def _break_off_after(path: Path, count: int) -> None:
    with VideoWriter(path, 30) as writer:
        _write_frames(writer, count)
        raise RuntimeError


def test_a_run_that_breaks_off_at_once_replaces_no_film_and_begins_one(tmp_path: Path) -> None:
    _write(tmp_path / "old.mp4", [index / 30 for index in range(60)])
    with pytest.raises(RuntimeError):
        _break_off_after(tmp_path / "old.mp4", 3)
    with pytest.raises(RuntimeError):
        _break_off_after(tmp_path / "new.mp4", 3)
    assert len(_read_times(tmp_path / "old.mp4")) == 60
    assert len(_read_times(tmp_path / "new.mp4")) == 3


def test_a_longer_old_file_leaves_no_rest(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [index / 30 for index in range(60)])
    _write(tmp_path / "a.mp4", [0.0, 0.1])
    _write(tmp_path / "b.mp4", [0.0, 0.1])
    assert (tmp_path / "a.mp4").stat().st_size == (tmp_path / "b.mp4").stat().st_size


def test_a_finished_file_is_an_ordinary_mp4(tmp_path: Path) -> None:
    _write(tmp_path / "a.mp4", [index / 30 for index in range(90)])
    assert b"moof" not in _top_level_boxes(tmp_path / "a.mp4")
    assert b"moov" in _top_level_boxes(tmp_path / "a.mp4")


def _top_level_boxes(path: Path) -> list[bytes]:
    content, at, names = path.read_bytes(), 0, []
    while at < len(content):
        names.append(content[at + 4 : at + 8])
        at += int.from_bytes(content[at : at + 4], "big")
    return names


def test_a_killed_program_leaves_a_playable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    script = f"""
import sys, numpy as np
from pathlib import Path
from avatarify.frames import Frame
from avatarify.media.video_writer import VideoWriter
from tests.full_disk import file_size_limit
writer = VideoWriter(Path({str(path)!r}), 30)
noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
for index in range(300):
    writer.write(Frame(noise, index / 30, index))
print("written", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"written"
        os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    # The encoder held back some frames, the file the last fragment.
    assert len(_read_times(path)) >= 200


@pytest.mark.parametrize(("fps", "step_s"), [(1000, 0.033), (30, 1 / 30), (5, 0.2)])
def test_each_second_can_be_played_whatever_the_rate_says(
    tmp_path: Path, fps: float, step_s: float
) -> None:
    _write(tmp_path / "a.mp4", [index * step_s for index in range(round(4 / step_s))], fps=fps)
    with av.open(str(tmp_path / "a.mp4")) as container:
        packets = list(container.demux(container.streams.video[0]))
    keys = [float(p.pts * p.time_base) for p in packets if p.is_keyframe and p.pts is not None]
    assert len(keys) >= 4
    assert max(np.diff(keys)) <= 1.0 + 2 * step_s


def test_a_full_disk_is_told_and_what_was_written_plays(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    writer = VideoWriter(path, 30)
    full = pytest.raises(OutputError, match=r"a\.mp4. The disk is full")
    with file_size_limit(400_000), full:
        _write_frames(writer, 1000)
    with pytest.raises(OutputError, match="The disk is full"):
        writer.write(Frame(_noise(0), 100.0, 1000))
    writer.close()
    assert len(_read_times(path)) >= 60


def test_the_disk_may_fill_at_any_byte(tmp_path: Path) -> None:
    times_s = [index / 30 for index in range(75)]
    path = tmp_path / "a.mp4"
    _write(path, times_s)
    size = path.stat().st_size
    first_fragment = size // 2
    for limit in (first_fragment, *range(size - 4000, size, 250), size - 1):
        with file_size_limit(limit), pytest.raises(OutputError, match="The disk is full"):
            _write(path, times_s)
        assert len(_read_times(path)) >= 29, limit


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_that_is_always_full_is_told() -> None:
    writer = VideoWriter(Path("/dev/full"), 30)
    with pytest.raises(OutputError, match="disk is full"):
        _write_frames(writer, 200)
    writer.close()
