import io
import os

import pytest

from sanneng.running.sealing import MAGIC, PIECE, SALT_BYTES, TAG_BYTES, BadKey, Sealer, unseal

KEY = b"k" * 64


def sealed(content):
    target = io.BytesIO()
    sealer = Sealer(target, KEY)
    for start in range(0, len(content), 70_000):
        sealer.write(content[start : start + 70_000])
    sealer.finish()
    return target.getvalue()


def opened(content, key=KEY):
    target = io.BytesIO()
    unseal(io.BytesIO(content), target, key)
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_sealed_comes_back(size):
    content = os.urandom(size)
    assert opened(sealed(content)) == content


def test_no_two_files_are_sealed_alike():
    assert sealed(b"same") != sealed(b"same")


def test_another_key_opens_nothing():
    with pytest.raises(BadKey, match="密钥不对"):
        opened(sealed(b"content"), b"j" * 64)


def test_a_file_that_was_changed_cut_or_reordered_is_refused():
    content = sealed(os.urandom(3 * PIECE))
    start, step = len(MAGIC) + SALT_BYTES, PIECE + TAG_BYTES
    first, second, third = (content[start + n * step : start + (n + 1) * step] for n in range(3))
    flipped = bytearray(content)
    flipped[start + 5] ^= 1
    header = content[:start]
    for bad in (
        bytes(flipped),
        content[:-1],
        header + first + second,
        header + second + first + third,
        header + first + third,
        header,
        content + b"x",
    ):
        with pytest.raises(BadKey):
            opened(bad)
