"""The map of the package is that of the package."""

import re
from pathlib import Path

import draw_map
import pytest
import size

PAGE = (draw_map.ROOT / "docs" / "map.md").read_text(encoding="utf-8")


def test_the_picture_is_the_one_drawn_from_the_imports():
    drawn = draw_map.draw(draw_map.arrows(draw_map.ROOT / "workshop"))
    assert draw_map.PICTURE.read_text(encoding="utf-8") == drawn, "draw it anew: python tools/draw_map.py"


def test_arrows_are_the_imports_of_other_rooms(tmp_path):
    rooms = {"low": "import numpy", "middle": "from shop.low import x\nimport shop.middle", "high": ""}
    (tmp_path / "shop" / "high").mkdir(parents=True)
    for room, code in rooms.items():
        (tmp_path / "shop" / f"{room}.py").write_text(code)
    (tmp_path / "shop" / "high" / "part.py").write_text("def f():\n    from shop import low, middle\n")
    graph = draw_map.arrows(tmp_path / "shop")
    assert graph == {"low": set(), "middle": {"low"}, "high": {"low", "middle"}}
    assert draw_map.reduced(graph)["high"] == {"middle"}, "what follows from other arrows is left out"
    assert draw_map.draw(graph).count("<line") == 2


@pytest.mark.parametrize("path", re.findall(r"`(workshop/[^`]+\.py)`", PAGE))
def test_every_file_that_the_page_names_is_there(path):
    assert (draw_map.ROOT / Path(path)).is_file()


def test_five_files_come_first():
    assert len(re.findall(r"^\d\. `workshop/", PAGE, re.MULTILINE)) == 5


def test_every_file_of_the_package_is_told_what_it_buys_the_reader():
    told = re.findall(r"`(\w+\.py)`", PAGE.partition("## What the lines buy")[2])
    files = {path.name for path in (draw_map.ROOT / "workshop").rglob("*.py")}
    assert sorted(told) == sorted(files), "a line of docs/map.md for each file"


@pytest.mark.slow
@pytest.mark.parametrize("walk", size.WALKS)
def test_who_steps_through_a_call_opens_few_files(walk):
    most, call = size.WALKS[walk]
    assert 2 <= len(size.run(size.WALK.format(call=call)).split()) <= most
