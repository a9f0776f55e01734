"""How Sphinx makes the site: `make site`. Everything a page needs lies beside it, so it opens from a folder, offline.

Formulas become MathML, figures keep the alternative text they have in the notebook, and search lists titles without
excerpts: excerpts would be fetched from the other pages, which browsers refuse for files.
"""

import importlib
import json
import pkgutil
import re
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from mdit_py_plugins.anchors.index import slugify

import workshop.plots

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from gallery import pictures, section, write
from offline_pages import headed, to_mathml

project = "Recommender Workshop"
copyright = "The Recommender Workshop contributors"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "notebooks/*.ipynb"]
exclude_patterns = [
    ".*",
    "build",
    "benchmarks",
    "data",
    "docs/gallery",
    "docs/slides",
    "tests",
    "workshop",
    "**/.ipynb_checkpoints",
]

nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "Recommender Workshop"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["scrollers.js"]
html_copy_source = False
html_show_search_summary = False
html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}


def write_formula(self, node):
    """Put a formula into the page as MathML, which browsers draw without a script."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    formula = to_mathml(node.astext(), display)
    self.body.append(f'<div class="formula">{formula}</div>' if display == "block" else formula)
    raise nodes.SkipNode


def keep_alternative_text(app, docname, source):
    """Write each picture of a notebook as HTML with its alternative text, which Sphinx would drop."""
    if not docname.startswith("notebooks/"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data, about = output.get("data", {}), output.get("metadata", {}).get("image/png", {})
            if "image/png" in data:
                picture = "".join(data.pop("image/png")).replace("\n", "")
                alt = escape(about.get("alt", ""))
                data["text/html"] = f'<img class="drawn" src="data:image/png;base64,{picture}" alt="{alt}">'
    source[0] = json.dumps(notebook)


def lead_links_home(app, docname, source):
    """Lead a link that names a section of a notebook to that section; write out one that leaves the site."""
    if docname in ("docs/coverage", "docs/gallery", "docs/instructor", "docs/kit_reading"):
        section = re.compile(r"\[([^\]]+)\]\((\.\./notebooks/\w+\.ipynb)\)")
        source[0] = section.sub(lambda link: f"[{link[1]}]({link[2]}#{slugify(link[1])})", source[0])
    if docname.startswith("docs/"):
        source[0] = re.sub(r"\[([^\]]+)\]\(\.\./(?!notebooks/)([^)]+)\)", r"\1 (`\2` in the repository)", source[0])


def add_the_rooms(app, docname, source):
    """Write a section for each room of the package below what docs/api.md says; drawing has a file a subject."""
    if docname != "docs/api":
        return
    rooms = [room.name for room in pkgutil.iter_modules(workshop.__path__) if not room.name.startswith("_")]
    subjects = [f"plots.{room.name}" for room in pkgutil.iter_modules(workshop.plots.__path__) if room.name != "style"]
    for name in sorted([*rooms, *subjects, "tuning.analysis"]):
        directive = f".. automodule:: workshop.{name}\n   :members:\n"
        room = importlib.import_module(f"workshop.{name}")
        vars(room).update({each: getattr(room, each) for each in getattr(room, "__all__", ())})
        if hasattr(room, "__path__"):  # a package shows what it gathers
            directive += "   :imported-members:\n"
        source[0] += f"\n## workshop.{name}\n\n```{{eval-rst}}\n{directive}```\n"


def hang_the_gallery(app, docname, source):
    """Write a section for each live picture below what docs/gallery.md says; make the pictures once for all pages."""
    if docname == "docs/gallery":
        app.gallery = {picture: picture.made() for picture in pictures()}
        source[0] += "".join(section(picture, made) for picture, made in app.gallery.items())


def write_a_page_per_picture(app, failure):
    """Write the pages of the gallery that show one picture alone, to be projected."""
    write(Path(app.outdir, "docs", "gallery"), getattr(app, "gallery", {}))


def leave_out_plumbing(app, what, name, obj, skip, options):
    """Leave out what scikit-learn adds to every estimator, such as set_fit_request."""
    return True if re.fullmatch("set_.*_request", name) else None


def open_at_the_index(app, failure):
    """Write an index.html that leads to the first page, since that page stands in a folder."""
    target = f"{root_doc}.html"
    page = f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={target}"><a href="{target}">{project}</a>\n'
    Path(app.outdir, "index.html").write_text(page, encoding="utf-8")


def name_what_has_no_name(app, failure):
    """Give screen readers what the theme leaves out: levels of headings, names of side columns, no empty header."""
    names = {
        'role="heading"': 'role="heading" aria-level="2"',
        '<aside class="sidebar-drawer"': '<aside aria-label="All pages" class="sidebar-drawer"',
        '<aside class="toc-drawer': '<aside aria-label="This page" class="toc-drawer',
    }
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        for text, named in names.items():
            page = page.replace(text, named)
        path.write_text(headed(page), encoding="utf-8")


def setup(app):
    """Register all of this with Sphinx."""
    app.add_html_math_renderer("mathml", inline_renderers=(write_formula, None), block_renderers=(write_formula, None))
    app.connect("source-read", keep_alternative_text)
    app.connect("source-read", hang_the_gallery)
    app.connect("source-read", lead_links_home)
    app.connect("source-read", add_the_rooms)
    app.connect("autodoc-skip-member", leave_out_plumbing)
    app.connect("build-finished", name_what_has_no_name)
    app.connect("build-finished", write_a_page_per_picture)
    app.connect("build-finished", open_at_the_index)
