"""The way of a still picture to exactness."""

from shared.media.refine import GAP_S, LADDER, MAX_REPEATS, REST_S, SMALL, Refinement

LARGE = SMALL * 10


def refined_to_the_end(refinement: Refinement, sizes: list[int], now: float) -> list[float]:
    """The qualities of the frames made, with ``sizes`` from the last rung on."""
    made: list[float] = []
    while refinement.due_at() is not None:
        made.append(refinement.crf)
        at_last = refinement.crf == LADDER[-1]
        refinement.refined(sizes.pop(0) if at_last and sizes else LARGE, now)
    return made


def test_nothing_is_due_before_the_first_frame() -> None:
    assert Refinement().due_at() is None


def test_a_large_change_is_refined_rung_by_rung_after_a_rest() -> None:
    refinement = Refinement()
    refinement.moved(LARGE, 1.0)
    assert refinement.due_at() == 1.0 + REST_S
    assert refined_to_the_end(refinement, [100], 2.0) == list(LADDER)


def test_the_last_rung_is_repeated_while_it_gains() -> None:
    refinement = Refinement()
    refinement.moved(LARGE, 1.0)
    made = refined_to_the_end(refinement, [90_000, 50_000, 20_000, 500], 2.0)
    assert made == [*LADDER, LADDER[-1], LADDER[-1], LADDER[-1]]


def test_three_frames_alike_say_that_nothing_is_gained() -> None:
    refinement = Refinement()
    refinement.moved(LARGE, 1.0)
    assert len(refined_to_the_end(refinement, [30_000, 30_100, 30_050, 30_000, 30_000], 2.0)) == len(LADDER) + 2


def test_it_ends_in_any_case() -> None:
    refinement = Refinement()
    refinement.moved(LARGE, 1.0)
    sizes = [20_000 + 9_000 * (index % 7) for index in range(1000)]
    assert len(refined_to_the_end(refinement, sizes, 2.0)) == len(LADDER) - 1 + MAX_REPEATS


def test_typing_in_a_fine_picture_needs_the_last_rung_once_it_rests() -> None:
    refinement = Refinement()
    refinement.moved(LARGE, 1.0)
    refined_to_the_end(refinement, [1], 2.0)
    refinement.moved(500, 3.0)
    assert refinement.due_at() == 3.0 + REST_S
    refinement.moved(500, 3.1)
    assert refinement.due_at() == 3.1 + REST_S
    assert refined_to_the_end(refinement, [1], 4.0) == [LADDER[-1]]


def test_typing_in_a_coarse_picture_does_not_keep_the_rest_coarse() -> None:
    refinement = Refinement()
    refinement.moved(LARGE, 1.0)
    refinement.refined(LARGE, 1.2)
    refinement.moved(500, 1.3)
    assert refinement.due_at() == 1.3 + GAP_S
    assert refinement.crf == LADDER[1]
