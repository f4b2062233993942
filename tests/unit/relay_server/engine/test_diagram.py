"""Pictures of tables."""

from relay_server import diagrams
from relay_server.engine.diagram import diagram


def test_arrows_between_the_same_states_are_joined() -> None:
    table = {("a", "go_on"): "b", ("a", "also"): "b", ("b", "back"): "a"}
    assert diagram(table.items()) == "stateDiagram-v2\n    a --> b: also, go on\n    b --> a: back"


def test_the_page_draws_every_way_of_every_table() -> None:
    sections = diagrams.document().split("\n## ")[1:]
    assert sections.pop().startswith("Consent to one capability")
    assert len(sections) == len(diagrams.TABLES)
    for section, (title, table) in zip(sections, diagrams.TABLES, strict=True):
        assert section.startswith(title)
        for (state, event), following in table:
            line = next(each for each in section.splitlines() if each.strip().startswith(f"{state} --> {following}:"))
            assert event.replace("_", " ") in line
