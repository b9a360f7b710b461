import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sanneng.core.files import write_whole


def test_several_may_write_the_same_file_at_once(tmp_path):
    place, both = tmp_path / "new" / "file", threading.Barrier(2)

    def pieces():
        yield b"one "
        both.wait()
        yield b"two"

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(write_whole, place, pieces()) for _n in range(2)]:
            done.result()
    assert place.read_bytes() == b"one two"
    assert place.stat().st_mode & 0o777 == 0o600
    assert list(place.parent.iterdir()) == [place]


def test_what_is_cut_short_leaves_nothing(tmp_path):
    def pieces():
        yield b"half"
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        write_whole(tmp_path / "file", pieces())
    assert list(tmp_path.iterdir()) == []
