import io
import struct
import zipfile
import zlib

import pytest

from sanneng.core.archives import PIECE, ArchiveLimits, check_archive
from sanneng.core.errors import UnacceptableFile


def archive(**contents):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return buffer


def refused(source, **options):
    with pytest.raises(UnacceptableFile) as caught:
        check_archive(source, **options)
    return caught.value.code


def test_the_members_are_named():
    assert check_archive(archive(a=b"1", b=b"2")) == {"a", "b"}


def test_every_byte_is_shown_to_the_watch_in_pieces():
    content = bytes(range(256)) * 20_000
    seen = []
    check_archive(archive(a=content), watch=lambda name, piece: seen.append((name, piece)))
    assert b"".join(piece for _name, piece in seen) == content
    assert max(len(piece) for _name, piece in seen) <= PIECE


def test_stored_members_are_read_too():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as made:
        made.writestr("a", b"plain")
    seen = []
    check_archive(buffer, watch=lambda name, piece: seen.append(piece))
    assert seen == [b"plain"]


def test_the_sum_of_all_members_is_limited():
    source = archive(a=b"1" * 600, b=b"2" * 600)
    assert refused(source, limits=ArchiveLimits(unpacked=1000)) == "too_large"
    assert check_archive(source, limits=ArchiveLimits(unpacked=1200)) == {"a", "b"}


def test_the_ratio_is_limited_for_what_is_large():
    source = archive(a=b"0" * 100_000)
    assert refused(source, limits=ArchiveLimits(ratio=50, ratio_from=10_000)) == "too_large"
    assert check_archive(source, limits=ArchiveLimits(ratio=50, ratio_from=200_000))


def test_the_number_of_members_is_limited():
    source = archive(**{f"m{n}": b"" for n in range(11)})
    assert refused(source, limits=ArchiveLimits(members=10)) == "too_large"


def test_a_directory_that_lies_about_sizes_does_not_help():
    """Sizes and checksum of the first 10 bytes are written over those of the whole."""
    content = b"0" * 5000
    data = archive(a=content).getvalue()
    true = struct.pack("<L", len(content))
    false = struct.pack("<L", 10)
    crc = struct.pack("<L", zlib.crc32(content))
    data = data.replace(true, false).replace(crc, struct.pack("<L", zlib.crc32(content[:10])))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.read("a") == content[:10]
    assert refused(io.BytesIO(data), limits=ArchiveLimits(unpacked=1000)) == "too_large"


def test_a_password_is_named_as_the_reason():
    data = bytearray(archive(a=b"x").getvalue())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert refused(io.BytesIO(bytes(data))) == "encrypted"


@pytest.mark.parametrize("size", [0, 10, 40, 70, 90])
def test_a_cut_off_archive_is_damaged(size):
    assert refused(io.BytesIO(archive(a=b"some content").getvalue()[:size])) == "damaged"


def test_a_member_cut_off_inside_is_damaged():
    data = bytearray(archive(a=bytes(range(200)) * 9).getvalue())
    data[40:60] = b"\xff" * 20
    assert refused(io.BytesIO(bytes(data))) == "damaged"


def test_other_compressions_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a", b"x")
    assert refused(buffer) == "damaged"


def test_a_directory_that_points_before_the_file_is_damaged():
    """What is cut off the front moves every offset below zero."""
    data = archive(a=bytes(range(250)) * 9, b=b"x").getvalue()
    assert refused(io.BytesIO(data[60:])) == "damaged"
    assert refused(io.BytesIO(data[:4] + data[60:])) == "damaged"
