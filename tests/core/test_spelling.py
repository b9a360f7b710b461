import pytest

from sanneng.core.spelling import spelling, typed_by_sound


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张三", ["zs", "zhangsan", "zhang"]),
        ("单雄信", ["sxx", "dxx"]),
        ("曾国藩", ["zgf", "cgf"]),
        ("2023年主体班", ["2023nztb"]),
        ("AI与治理", ["ai", "yuzhili"]),
    ],
)
def test_words_are_found_by_their_sounds(text, found):
    assert [word for word in found if word not in spelling(text)] == []


@pytest.mark.parametrize("text", ["", "，。", "　"])
def test_nothing_to_say_is_spelled_as_nothing(text):
    assert spelling(text) == ""


def test_only_letters_are_taken_for_pinyin():
    assert (typed_by_sound("zs"), typed_by_sound("张"), typed_by_sound("K12")) == (
        True, False, False,
    )  # fmt: skip
