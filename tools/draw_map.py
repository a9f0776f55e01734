"""Draw the rooms of the package and who imports whom into docs/_static/map.svg: ``python tools/draw_map.py``.

A room stands above those that it imports. An arrow that follows from others is left out: A to C, where A leads to B
and B to C.
"""

import ast
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "_static" / "map.svg"
WIDTH, BOX, HIGH, STEP = 960, 132, 46, 96  # pixels


def arrows(package: Path) -> dict[str, set[str]]:
    """Return for each room (a file or a folder of the package) the rooms it imports."""
    found: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room.startswith("__"):
            continue
        rooms = found.setdefault(room, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [
                alias.name for alias in getattr(node, "names", []) if isinstance(node, ast.Import | ast.ImportFrom)
            ]
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{name}" for name in names]
            rooms |= {name.split(".")[1] for name in names if name.startswith(f"{package.name}.")} - {room}
    return {room: rooms & found.keys() for room, rooms in found.items()}


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the graph without the arrows that follow from others."""

    def reached(room):
        return graph[room].union(*map(reached, graph[room]))

    return {room: rooms - set().union(*map(reached, rooms)) for room, rooms in graph.items()}


def draw(graph: dict[str, set[str]]) -> str:
    """Return the SVG picture of the graph, which has no circle."""

    def height(room):
        return 1 + max(map(height, graph[room]), default=-1)

    rows: dict[int, list[str]] = {}
    for room in sorted(graph):
        rows.setdefault(height(room), []).append(room)
    top, place = max(rows), {room: (WIDTH / 2, 0.0) for room in graph}
    for level, rooms in sorted(rows.items()):  # from the bottom up, each room about above those that it imports
        rooms.sort(key=lambda room: sum(place[other][0] for other in graph[room]) / max(1, len(graph[room])))
        for i, room in enumerate(rooms):
            place[room] = WIDTH * (i + 1) / (len(rooms) + 1), 40 + STEP * (top - level)
    parts = []
    for room, below in sorted(reduced(graph).items()):
        for other in sorted(below):
            (x, y), (u, v) = place[room], place[other]
            parts.append(f'<line x1="{x:.0f}" y1="{y + HIGH / 2:.0f}" x2="{u:.0f}" y2="{v - HIGH / 2 - 4:.0f}"/>')
    for room, (x, y) in sorted(place.items()):
        parts.append(f'<rect x="{x - BOX / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{BOX}" height="{HIGH}" rx="8"/>')
        parts.append(f'<text x="{x:.0f}" y="{y + 6:.0f}">{escape(room)}</text>')
    said = "; ".join(f"{room} imports {', '.join(sorted(below))}" for room, below in sorted(graph.items()) if below)
    tall = 80 + STEP * top
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" role="img" '
        f'aria-label="{escape(said)}">\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#0072B2"/></marker></defs>\n'
        "<style>line{stroke:#0072B2;stroke-width:1.6;marker-end:url(#tip)}rect{fill:#fff;stroke:#333;stroke-width:1.6}"
        "text{font:16px system-ui,sans-serif;text-anchor:middle;fill:#111}.paper{stroke:none}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{tall}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(arrows(ROOT / "workshop")), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)} drawn")
