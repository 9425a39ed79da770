"""What is left out of a bundle: what stays works as before, and nothing that is called goes."""

import ctypes
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from bundle.hollow import hollow_out
from bundle.icu_tables import cut_icu_tables, fewer_tables
from bundle.libraries import libraries, needed, remove_orphans
from bundle.twins import join_twins

_TOOLS = ("as", "gcc", "ld", "nm", "readelf")
pytestmark = [
    pytest.mark.skipif(not all(map(shutil.which, _TOOLS)), reason="needs binutils and gcc"),
    pytest.mark.skipif(sys.platform != "linux", reason="of Linux's bundles"),
]


def build(place: Path, code: str, *uses: Path) -> Path:
    """Compile a library that uses others."""
    place.parent.mkdir(parents=True, exist_ok=True)
    source = place.with_suffix(".c")
    source.write_text(code)
    command = ["gcc", "-shared", "-fPIC", f"-Wl,-soname,{place.name}", "-o", str(place)]
    subprocess.run([*command, str(source), *map(str, uses)], check=True)
    source.unlink()
    return place


def called_in_a_process(*paths: Path, function: str) -> "subprocess.CompletedProcess[str]":
    """Load libraries one after the other, and print what a function of the last one returns."""
    lines = ["import ctypes", *(f"one = ctypes.CDLL({str(path)!r}, 256)" for path in paths)]
    code = "\n".join([*lines, f"print(one.{function}())"])
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "LD_LIBRARY_PATH": str(paths[0].parent),
        },  # as PyInstaller's program does
    )


def test_a_twin_becomes_a_link_to_the_one_that_is_kept(tmp_path: Path) -> None:
    body = "int picture(void) { return %d; } static char size[600000] = {1}; char *all = size;"
    kept = build(tmp_path / "av.libs" / "libcodec-0123abcd.so.62.28", body % 2)
    twin = build(tmp_path / "libcodec-89abcdef.so.62.27", body % 1)
    other = build(tmp_path / "libcodec-89abcdef.so.61.0", body % 3)
    user = build(tmp_path / "user.so", "int picture(void); int use(void){return picture();}", twin)
    join_twins(tmp_path)
    assert twin.is_symlink()
    assert twin.resolve() == kept
    assert not other.is_symlink()  # another main version may behave otherwise
    assert called_in_a_process(twin, user, function="use").stdout == "2\n"


def test_a_twin_whose_users_need_more_stays(tmp_path: Path) -> None:
    filler = "static char size[600000] = {1}; char *all = size;"
    build(
        tmp_path / "av.libs" / "libcodec-0123abcd.so.62.1", f"int old(void) {{return 1;}}{filler}"
    )
    twin = build(tmp_path / "libcodec-89abcdef.so.62.2", f"int newer(void) {{return 1;}}{filler}")
    build(tmp_path / "user.so", "int newer(void); int use(void) { return newer(); }", twin)
    join_twins(tmp_path)
    assert not twin.is_symlink()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="of such processors")
def test_a_hollow_encoder_loads_and_is_not_there(tmp_path: Path) -> None:
    encoder = build(
        tmp_path / "libx265-0123abcd.so.1",
        "int depth = 8; void *api(void) { return &depth; } void *unused(void) { return 0; }",
    )
    code = "extern int depth; void *api(void); int use(void) { return depth + (api() != 0); }"
    user = build(tmp_path / "user.so", code, encoder)
    size = encoder.stat().st_size
    hollow_out(tmp_path, tmp_path / "work")
    assert encoder.stat().st_size < size
    assert called_in_a_process(encoder, user, function="use").stdout == "0\n"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="of such processors")
def test_whoever_calculates_with_hollow_algebra_ends_at_once(tmp_path: Path) -> None:
    algebra = build(tmp_path / "libopenblasp-r0-0123abcd.so", "int solve(void) { return 1; }")
    code = "int solve(void); int use(void) { return solve(); } int not_use(void) { return 5; }"
    user = build(tmp_path / "user.so", code, algebra)
    hollow_out(tmp_path, tmp_path / "work")
    assert called_in_a_process(algebra, user, function="not_use").stdout == "5\n"
    ended = called_in_a_process(algebra, user, function="use")
    assert (ended.returncode, ended.stdout) == (-6, "")  # SIGABRT, and no wrong result


def test_opencv_solves_no_equations_for_the_program() -> None:
    """In a bundle it could not: these call the library for linear algebra that is left out."""
    solving = re.compile(
        r"cv2\.(solve|invert|gemm|eigen|SV|PCA|LDA|Mahalanobis|find(Homography|Essential|Fundam)|"
        r"estimate|calibrate|stereo|fit(Ellipse|Line)|Kalman|calcCovar|perspective|undistort|Rodr|"
        r"recoverPose|triangulate|decompose|getPerspective|getAffine|getOptimal|dnn|ml|video)\w*"
    )
    package = Path(__file__).resolve().parents[2] / "avatarify"
    sources = {path.name: path.read_text("utf-8") for path in package.rglob("*.py")}
    found = {name: match[0] for name, text in sources.items() if (match := solving.search(text))}
    assert not found


def test_what_only_removed_libraries_needed_goes_too(tmp_path: Path) -> None:
    deep = build(tmp_path / "libdeep.so.1", "int deep(void) { return 1; }")
    middle = build(
        tmp_path / "libmiddle.so.1", "int deep(void); int middle(void) { return deep(); }", deep
    )
    user = build(tmp_path / "user.so", "int middle(void); int use(void){return middle();}", middle)
    plugin = build(tmp_path / "plugin.so", "int plugin(void) { return 1; }")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / deep.name).symlink_to(deep)
    before = needed(libraries(tmp_path))
    user.unlink()
    remove_orphans(tmp_path, before)
    assert libraries(tmp_path) == [
        plugin
    ]  # nobody needed it before either: it is asked for by name
    assert not (tmp_path / "elsewhere" / deep.name).is_symlink()


def package_of_tables(tables: dict[str, bytes]) -> bytes:
    """What ICU's `icupkg` would write."""
    head = struct.pack("<H2sHHBBBB4s8s", 32, b"\xda\x27", 20, 0, 0, 0, 2, 0, b"CmnD", bytes(8))
    names, places = b"", []
    for name in tables:
        places.append(4 + 8 * len(tables) + len(names))
        names += name.encode() + b"\0"
    start = -(-(4 + 8 * len(tables) + len(names)) // 16) * 16
    index, body = struct.pack("<I", len(tables)), b""
    for place, content in zip(places, tables.values(), strict=True):
        index += struct.pack("<II", place, start + len(body))
        body += content.ljust(-(-len(content) // 16) * 16, b"\0")
    return head.ljust(32, b"\0") + (index + names).ljust(start, b"\0") + body


def test_tables_for_sorting_stay_and_the_rest_goes(tmp_path: Path) -> None:
    stays = {"icudt73l/coll/de.res": b"german", "icudt73l/coll/ucadata.icu": b"x" * 33}
    stays |= {"icudt73l/pool.res": b"pool", "icudt73l/root.res": b"root"}
    goes = {"icudt73l/de.res": b"dates", "icudt73l/lang/de.res": b"names", "icudt73l/euc.cnv": b"c"}
    everything = package_of_tables(dict(sorted((stays | goes).items())))
    fewer = fewer_tables(everything)
    assert fewer == package_of_tables(stays)
    text = "".join(f"{byte}," for byte in everything)
    code = f"const unsigned char icudt73_dat[] __attribute__((aligned(16))) = {{{text}}};"
    library = build(tmp_path / "libicudata.so.73", code)
    cut_icu_tables(tmp_path, tmp_path / "work")
    loaded = ctypes.CDLL(str(library))
    content = (ctypes.c_char * len(fewer)).in_dll(loaded, "icudt73_dat")
    assert bytes(content) == fewer


def test_other_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="no tables of ICU"):
        fewer_tables(b"\x20\x00\xda\x27" + bytes(60))
