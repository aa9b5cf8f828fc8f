"""How the documentation is built: `make docs`."""

import re
import shutil
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml import converter

ROOT = Path(__file__).parents[1]
DOCS = Path(__file__).parent

# The notebooks live at the root; the build shows them as they are committed.
shutil.rmtree(DOCS / "notebooks", ignore_errors=True)
(DOCS / "notebooks").mkdir()
for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
    shutil.copy(notebook, DOCS / "notebooks")

# The reference of the command line is what the program says.
sys.path.insert(0, str(DOCS))
import command_line_page  # noqa: E402

commands = command_line_page.write(ROOT / "target/debug/winback")
(DOCS / "reference/command_line.md").write_text(commands, encoding="utf-8")


def math(formula: str, display: str) -> str:
    """A formula as MathML, which browsers draw themselves: no script, no network."""
    return converter.convert(formula, display=display)


def inline_math(self, node):  # noqa: D103
    self.body.append(math(node.astext(), "inline"))
    raise nodes.SkipNode


def block_math(self, node):  # noqa: D103
    self.body.append(f'<div class="math">{math(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def of_another_library(app, what, name, obj, skip, options):
    """Leaves out what is inherited from scikit-learn, whose own pages tell of it."""
    module = getattr(getattr(obj, "fget", obj), "__module__", None) or ""
    return True if module.startswith("sklearn") else None


def of_its_class(app, what, name, obj, options, signature, returns):
    """Methods that return their object return one of their class, not one of a type variable."""
    if returns in ("_Model", "_Segments", "_Self"):
        return signature, "Self"
    return None


def setup(app):  # noqa: D103
    app.connect("autodoc-skip-member", of_another_library)
    app.connect("autodoc-process-signature", of_its_class)
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))


html_math_renderer = "mathml"

project = "winback"
author = "The winback developers"
project_copyright = author
release = re.findall(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.M)[0]
version = release
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates"]
nitpicky = True

# Markdown and notebooks: examples are run by the tests, not by the build.
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_merge_streams = True

# The reference from the docstrings.
autosummary_generate = True
# Where letters' case is not told apart, the function's page would be the class's.
autosummary_filename_map = {
    "winback.surveys.nps": "winback.surveys.nps_function",
}
autodoc_default_options = {"members": True, "inherited-members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_display_short_literal_types = True
python_maximum_signature_line_length = 80
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]
# Types of other libraries and of the extension are named and not linked.
nitpick_ignore_regex = [
    (
        "py:class",
        r"(pandas|polars|pyarrow|pyspark|DataFrame|onnx|numpy|npt|np|matplotlib|sklearn|Axes|_core|collections)\b.*",
    ),
    ("py:class", r"(Instants?|Customers|Source|Path|Progress|State|Language|Figure)"),
    ("py:class", r"(SegmentConfig|By|Any|_\w+)"),
    (
        "py:class",
        r"(\w+\.)*(SupportsFloat|SupportsIndex|PathLike|Self|Mapping|Sequence|Iterable|Callable)",
    ),
    (
        "py:class",
        r"(date|datetime|datetime\.\w+|Literal|Iterator|ArrowTable|winback(\.\w+)+\._?\w+)",
    ),
    ("py:obj", r"typing\..*"),
]

html_theme = "furo"
html_title = "winback"
html_static_path = ["_static"]
html_css_files = ["winback.css"]
html_theme_options = {"navigation_with_keys": True}
html_show_sphinx = False
html_copy_source = False
copybutton_prompt_text = ">>> "
copybutton_exclude = ".linenos, .gp, .go"

# The Rust reference, where `cargo doc` has built it.
if (ROOT / "target/doc/winback/index.html").exists():
    tags.add("rustdoc")  # noqa: F821  (Sphinx gives it)
    html_extra_path = ["../target/rustdoc"]
    shutil.rmtree(ROOT / "target/rustdoc", ignore_errors=True)
    shutil.copytree(ROOT / "target/doc", ROOT / "target/rustdoc/rust")
