"""What has come to rest: tiles at once, or legible video first where the path is thin."""

from shared.media.refine import LIMITED, MAX_COARSE, Refinement

PAGE = 1_000_000
THIN, WIDE = 300_000, 20_000_000


def test_exact_video_needs_no_more_of_it() -> None:
    assert not Refinement().wants_video(PAGE, THIN)


def test_a_coarse_picture_on_a_thin_path_is_refined_as_video_until_it_is_no_longer_held_back() -> None:
    refinement = Refinement()
    refinement.filmed(10_000, 10_000, moving=True)
    assert refinement.wants_video(PAGE, THIN)
    assert not refinement.wants_video(PAGE, WIDE)
    refinement.filmed(10_000, 10_000, moving=False)
    assert refinement.wants_video(PAGE, THIN)
    refinement.filmed(int(10_000 * LIMITED) - 1, 10_000, moving=False)
    assert not refinement.wants_video(PAGE, THIN)


def test_it_ends_in_any_case() -> None:
    refinement = Refinement()
    refinement.filmed(10_000, 10_000, moving=True)
    for _ in range(MAX_COARSE):
        assert refinement.wants_video(PAGE, THIN)
        refinement.filmed(10_000, 10_000, moving=False)
    assert not refinement.wants_video(PAGE, THIN)


def test_a_path_is_thin_by_what_tiles_have_cost() -> None:
    refinement = Refinement()
    refinement.filmed(10_000, 10_000, moving=True)
    target = 2_000_000
    assert not refinement.wants_video(PAGE, target)
    for _ in range(20):
        refinement.tiled(PAGE * 3, PAGE)
    assert refinement.wants_video(PAGE, target)
