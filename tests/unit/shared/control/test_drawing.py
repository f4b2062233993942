"""What a sketch becomes by each mark."""

import pytest

from shared.common.errors import PeerBroken
from shared.control import drawing as d


def place(x: int, y: int, width: int, height: int) -> tuple[int, int]:
    return x * 2, y * 2


def after(*marks: d.Drawing) -> d.Sketch:
    sketch = d.BLANK
    for mark in marks:
        sketch = d.drawn(sketch, mark, place)
    return sketch


BOX = d.Begin("box", 1, 10, 20, 100, 100)


def test_a_box_keeps_its_start_and_its_end() -> None:
    sketch = after(BOX, d.Reach(((11, 21), (12, 22)), 100, 100), d.Reach(((30, 40),), 100, 100))
    assert sketch.shapes == (d.Shape("box", 1, ((20, 40), (60, 80))),)


def test_a_pen_keeps_every_point_up_to_the_bound() -> None:
    pen = d.Begin("pen", 0, 1, 1, 100, 100)
    assert after(pen, d.Reach(((2, 2), (3, 3)), 100, 100)).shapes[0].points == ((2, 2), (4, 4), (6, 6))
    long = after(pen, *[d.Reach(((2, 2),) * 64, 100, 100)] * 10)
    assert len(long.shapes[0].points) == d.MAX_POINTS


def test_undo_takes_the_newest_and_clear_all_but_not_the_pointer() -> None:
    aim = d.Aim(5, 6, 100, 100, 3)
    assert [shape.tool for shape in after(aim, BOX, d.Begin("pen", 0, 1, 1, 9, 9), d.Undo()).shapes] == ["box"]
    assert after(aim, BOX, d.Clear()) == d.Sketch((), d.Aimed(10, 12, 3))
    assert after(d.Undo(), d.Clear(), d.Unaim()) == d.BLANK
    assert after(aim, d.Unaim()) == d.BLANK


def test_the_oldest_goes_when_there_are_too_many() -> None:
    sketch = after(*(d.Begin("pen", 0, at, 0, 100, 100) for at in range(d.MAX_SHAPES + 3)))
    assert len(sketch.shapes) == d.MAX_SHAPES
    assert sketch.shapes[0].points == ((6, 0),)


def test_words_are_one_printable_line_and_belong_to_their_tool() -> None:
    def words(line: str, tool: d.Tool = "words") -> tuple[d.Shape, ...]:
        return after(d.Begin(tool, 0, 1, 1, 9, 9, line)).shapes

    assert words("  press\n\x07 here ‮ 这里")[0].words == "press here 这里"
    assert words("") == words("\n\x00") == words("no", "box") == ()
    assert after(d.Begin("words", 0, 1, 1, 9, 9, "a"), d.Reach(((5, 5),), 9, 9)).shapes[0].points == ((2, 2),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"x" * (d.MAX_DRAWING_BYTES + 1),
        d.encode(d.Wiped()),
        d.encode(d.Begin("words", 0, 1, 1, 9, 9, "a" * (d.MAX_WORDS + 1))),
        d.encode(d.Begin("pen", 6, 1, 1, 9, 9)),
        d.encode(d.Reach((), 9, 9)),
        d.encode(d.Aim(-1, 0, 9, 9, 0)),
    ],
)
def test_what_is_no_mark_is_refused(data: bytes) -> None:
    with pytest.raises(PeerBroken):
        d.decode_drawing(data)


def test_the_longest_stroke_fits_a_datagram() -> None:
    far = (32767, 32767)
    assert len(d.encode(d.Reach((far,) * d.MAX_REACH, 32768, 32768))) <= d.MAX_DRAWING_BYTES
    assert len(d.encode(d.Begin("words", 5, *far, 32768, 32768, "漢" * d.MAX_WORDS))) <= d.MAX_DRAWING_BYTES
