"""A notebook as one HTML page that is complete in itself: it shows everything without a kernel and without a network.

Formulas become MathML, which browsers draw without a script; steppers and games bring their own; widgets that need a
kernel show the pictures they carry for this. So no library has to be loaded, from anywhere. Figures keep
their alternative text.
"""

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
{%- block extra_css -%}
<style>math { font-size: 1.2em } .jp-InputArea pre { white-space: pre-wrap !important }</style>
{%- endblock -%}
"""


class MathMLRenderer(IPythonRenderer):
    """Markdown to HTML, formulas to MathML."""

    def inline_math(self, body):
        """A formula in the text."""
        return convert(body)

    def block_math(self, body):
        """A formula on its own line."""
        return convert(body, display="block")

    def latex_environment(self, name, body):
        """The same, written as an environment such as align."""
        return convert(f"\\begin{{{name}}}{body}\\end{{{name}}}", display="block")


class OfflineExporter(HTMLExporter):
    """nbconvert's page without what it fetches: MathJax, require.js, mermaid and the widget manager."""

    def markdown2html(self, context, source):
        """The HTML of a Markdown cell."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = MathMLRenderer(escape=False, attachments=attachments, anchor_link_text=self.anchor_link_text)
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
    return OfflineExporter(raw_template=TEMPLATE).from_notebook_node(notebook, {"metadata": {"name": name}})[0]
