"""A notebook as one HTML page that is complete in itself: it shows everything without a kernel and without a network.

Formulas become MathML, which browsers draw without a script; steppers and games bring their own; widgets that need a
kernel show the pictures they carry for this. So no library has to be loaded, from anywhere. Figures keep
their alternative text. The style is in ``offline_pages.css``: to be read on a telephone, on paper, and by everybody.
"""

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

LIVE = "application/vnd.jupyter.widget-view+json"
TEMPLATE = """{%- extends 'index.html.j2' -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block data_png -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}"
alt="{{ (output | get_metadata('alt', 'image/png') or '') | escape_html }}">
</div>
{%- endblock -%}
{%- block data_jpg -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/jpeg;base64,{{ output.data['image/jpeg'] | escape_html }}"
alt="{{ (output | get_metadata('alt', 'image/jpeg') or '') | escape_html }}">
</div>
{%- endblock -%}
{%- block data_mermaid -%}<pre>{{ output.data['text/vnd.mermaid'] | escape_html }}</pre>{%- endblock -%}
{%- block html_head_css -%}<style>{{ resources.page_style }}</style>{%- endblock -%}
"""
STYLE = Path(__file__).with_name("offline_pages.css")
SCROLLERS = Path(__file__).parents[1] / "docs" / "_static" / "scrollers.js"


def to_mathml(formula: str, display: str = "inline") -> str:
    """LaTeX as MathML. Browsers do not enlarge a bracket that has an exponent, unless it is one of a pair."""
    paired = re.sub(r"\\[Bb]igg?(?=[(\[])", r"\\left", re.sub(r"\\[Bb]igg?(?=[)\]])", r"\\right", formula))
    return convert(paired, display=display)


class MathMLRenderer(IPythonRenderer):
    """Markdown to HTML, formulas to MathML."""

    def inline_math(self, body):
        """A formula in the text."""
        return to_mathml(body)

    def block_math(self, body):
        """A formula on its own line."""
        return to_mathml(body, "block")

    def latex_environment(self, name, body):
        """The same, written as an environment such as align."""
        return to_mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


class PageRenderer(MathMLRenderer):
    """The same for pages: a link to a notebook leads to its page."""

    def link(self, text, url, title=None):
        """A link; notebooks lie side by side, and so do their pages."""
        return super().link(text, re.sub(r"^([\w-]+)\.ipynb", r"\1.html", url), title)


class OfflineExporter(HTMLExporter):
    """nbconvert's page without what it fetches: MathJax, require.js, mermaid and the widget manager."""

    def markdown2html(self, context, source):
        """The HTML of a Markdown cell."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = PageRenderer(escape=False, attachments=attachments, anchor_link_text=self.anchor_link_text)
        return MarkdownWithMath(renderer=renderer).render(source)

    markdown2html.jinja_pass_arg = HTMLExporter.markdown2html.jinja_pass_arg


def without_live_views(notebook):
    """The notebook, each widget that carries a picture for readers without a kernel reduced to that picture."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output["data"].pop(LIVE, None)
    notebook.metadata.pop("widgets", None)
    return notebook


def headed(table: str) -> str:
    """The HTML of a table; empty header cells, which say nothing to a screen reader, become plain ones."""
    return re.sub(r"<th(?=[\s>])([^>]*)>(?:\s|&nbsp;|<p></p>)*</th>", r"<td\1></td>", table)


def with_contents(page: str) -> str:
    """The page with a list of its sections on top, below the title."""
    sections = re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', page, re.DOTALL)
    links = "".join(f'<li><a href="#{quote(unescape(target))}">{text}</a></li>' for target, text in sections)
    title = re.search(r"<h1.*?</h1>", page, re.DOTALL)
    if not links or title is None:
        return page
    contents = f'<nav class="contents" aria-label="Contents"><ul>{links}</ul></nav>'
    return page[: title.end()] + contents + page[title.end() :]


def title_of(notebook: nbformat.NotebookNode) -> str | None:
    """The text of the first heading of a notebook."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = next(filter(None, (re.search(r"^# (.+)$", text, re.MULTILINE) for text in texts)), None)
    return found and found[1].strip()


def offline_page(notebook: nbformat.NotebookNode, name: str) -> str:
    """The HTML of an executed notebook.

    Raises
    ------
    ValueError
        If a widget of the notebook has nothing to show without a kernel.
    """
    notebook = without_live_views(notebook)
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    if any(LIVE in each for each in data):
        raise ValueError(f"{name} has a widget without text/html, so its page would have a hole; give it a picture")
    for each in data:
        if "text/html" in each:
            each["text/html"] = headed(each["text/html"])
    resources = {"metadata": {"name": title_of(notebook) or name}, "page_style": STYLE.read_text(encoding="utf-8")}
    page = OfflineExporter(raw_template=TEMPLATE).from_notebook_node(notebook, resources)[0]
    return with_contents(page).replace("</body>", f"<script>{SCROLLERS.read_text(encoding='utf-8')}</script></body>")
