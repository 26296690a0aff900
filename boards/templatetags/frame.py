"""The frame of each page: its masthead, with the person and the menu, and its foot.

Few things decide what they look like, so a process keeps them as they were drawn (docs/adr/0007). The person's name and
the token, which is masked anew in each answer, are put in afterwards: nothing that is kept names anybody.
"""

from functools import lru_cache
from itertools import chain
from secrets import token_hex
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from boards.templatetags.guides import help_link, own_guide_url
from core.pages import as_markup

register = template.Library()
# Where the name and the token go. Nobody can know these texts, so nothing else on a page has them.
NAME, TOKEN = token_hex(16), token_hex(16)
MOST = 256  # kept of each, about 10 kB
NO_TOKEN = ("", "NOTPROVIDED")  # as Django has it of a page without a request


@register.simple_tag(takes_context=True)
def has_failed(context: dict[str, Any]) -> bool:
    """Return whether the page says what is wrong with a form. Most have none, and a template takes long to look for
    what isn't there."""
    return bool(context.get("has_errors") or getattr(context.get("form"), "errors", None))


@register.simple_tag(takes_context=True)
def masthead(context: dict[str, Any]) -> SafeString:
    """Return what is above the page: its marking, its area, who is signed in, and the menu."""
    user, area = context.get("user"), context.get("area")
    is_person = bool(getattr(user, "is_authenticated", False))
    token = str(context.get("csrf_token") or "") if is_person else ""
    pieces = _draw_masthead(
        str(context.get("marking") or ""),
        (area.name, area.get_absolute_url()) if area else None,
        own_guide_url(context) if is_person else "",
        str(context.get("nav_html") or ""),
        is_person=is_person,
        has_token=token not in NO_TOKEN,
    )
    texts = [conditional_escape(text) for text in (str(user), token)][: len(pieces) - 1]
    # Each piece but the last ends where one of these goes.
    return as_markup("".join(chain.from_iterable(zip(pieces, [*texts, ""], strict=True))))


@lru_cache(maxsize=MOST)
def _draw_masthead(
    marking: str, area: tuple[str, str] | None, guide_url: str, nav: str, *, is_person: bool, has_token: bool
) -> tuple[str, ...]:
    """Draw it, and return its pieces: up to the name, up to the token, and the rest. For a stranger there is one."""
    context = {
        "marking": marking,
        "area": area,
        "person": NAME if is_person else "",
        "guide_url": guide_url,
        "nav_html": as_markup(nav),  # boards.presenters.nav has made it
        "csrf_token": TOKEN if has_token else "NOTPROVIDED",
    }
    html = render_to_string("components/masthead.html", context).removesuffix("\n")
    first, _, rest = html.partition(NAME)
    return (first, *rest.split(TOKEN)) if is_person else (first,)


@register.simple_tag(takes_context=True)
def foot(context: dict[str, Any]) -> SafeString:
    """Return what is below the page: the version, help with the page, and the marking."""
    return _draw_foot(str(context.get("version") or ""), help_link(context), str(context.get("marking") or ""))


@lru_cache(maxsize=MOST)
def _draw_foot(version: str, link: SafeString, marking: str) -> SafeString:
    context = {"version": version, "help_link": link, "marking": marking}
    return as_markup(render_to_string("components/foot.html", context).removesuffix("\n"))
