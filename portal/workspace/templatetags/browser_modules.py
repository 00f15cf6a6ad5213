"""Where the browser finds its modules: an import map, so that each has an address that changes with its content."""

import functools
import json
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SOURCE = Path(settings.BASE_DIR) / "portal" / "static"

# Third-party modules by the names under which ours import them; package.json says where the files come from.
PACKAGES = {
    "marked": "vendor/marked/marked.esm.js",
    "dompurify": "vendor/dompurify/purify.es.mjs",
    "katex": "vendor/katex/katex.mjs",
    "highlight": "vendor/highlight/highlight.min.js",
}
# Loaded when first needed, and so not before.
LATER = {
    "katex",
    "highlight",
    "js/again.js",
    "js/branches.js",
    "js/attachments.js",
    "js/catchup.js",
    "js/exports.js",
    "js/imports.js",
    "js/comments.js",
    "js/compare.js",
    "js/drafts.js",
    "js/drawing.js",
    "js/drawing-frame.js",
    "js/attention.js",
    "js/app-worker.js",
    "js/service-worker.js",
    "js/rest.js",
    "js/edit.js",
    "js/choices.js",
    "js/effort.js",
    "js/meter.js",
    "js/sent.js",
    "js/ask-for.js",
    "js/jump.js",
    "js/links.js",
    "js/mentions.js",
    "js/menu.js",
    "js/moving.js",
    "js/notice-list.js",
    "js/notices.js",
    "js/quote.js",
    "js/palette.js",
    *(f"js/prompts/{name}.js" for name in ("editor", "form", "insert", "library", "slash")),
    "js/preview.js",
    "js/reading.js",
    "js/sharing.js",
    "js/shelf.js",
    "js/shortcuts.js",
    "js/side-live.js",
    "js/side-menu.js",
    "js/settings.js",
    "js/settings-notify.js",
    "js/wanted.js",
    "js/sign-in.js",
    "js/theme.js",
    "js/transcript.js",
    "js/toast.js",
    "js/together.js",
    "js/markdown/math.js",
    "js/markdown/code.js",
    "js/markdown/drawn.js",
}

# The console's pages name theirs.
CONSOLE = "js/console/"


@functools.cache
def own_modules() -> tuple[str, ...]:
    return tuple(sorted(str(path.relative_to(SOURCE)) for path in (SOURCE / "js").rglob("*.js")))


@register.simple_tag
@functools.cache
def import_map() -> SafeString:
    """Our modules import each other by relative address, which the map leads to the hashed file."""
    imports = {name: static(path) for name, path in PACKAGES.items()}
    imports |= {settings.STATIC_URL + path: static(path) for path in own_modules()}
    return mark_safe(json.dumps({"imports": imports}))  # noqa: S308  # addresses of our own files, no one's input


@register.simple_tag
@functools.cache
def preloads() -> SafeString:
    """Links that fetch the first page's modules at once instead of one import after the other."""
    paths = [path for name, path in PACKAGES.items() if name not in LATER]
    paths += [path for path in own_modules() if path not in LATER and not path.startswith(CONSOLE)]
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(path),) for path in paths))
