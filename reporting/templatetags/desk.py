"""The lists of a home: what somebody has to do, what is new, and a short view of the rest.

A template takes ten times as long for each of their texts, and a home has over a hundred of them. Everything except our
own numbers is escaped.
"""

from collections.abc import Iterable
from datetime import date
from html import escape

from django import template
from django.utils.safestring import SafeString

from actions.models import Action
from actions.presenters.challenges import ChallengeView
from actions.templatetags.plan import rag_mark
from boards.models import Board, PartnershipArea
from boards.todo import News, Task
from core.calendar import Month, short_date_label
from core.pages import as_markup, link_to

register = template.Library()

TASK = """
    <li class="govuk-task-list__item govuk-task-list__item--with-link">
      <div class="govuk-task-list__name-and-hint vv-break">
        <a class="govuk-link govuk-task-list__link" href="{url}" aria-describedby="{id}">{name}</a>
        <div class="govuk-task-list__hint vv-break">{hint}</div>
        {more}
      </div>
      <div class="govuk-task-list__status" id="{id}">{tag}</div>
    </li>
  """
TAG = '<strong class="vv-status vv-status--{}">{}</strong>'
BEFORE = '<div class="govuk-task-list__hint vv-break">{}</div>'
LINK = '<a class="govuk-link" href="{}">{}</a>'
NEWS = (
    '<li{css}><time class="vv-news__day" datetime="{day}">{label}</time> '
    '<div><a class="govuk-link vv-break" href="{url}">{words}</a>{more}</div></li>'
)
MORE = ' <span class="vv-news__more vv-break">{}</span>'
ROW = '<li class="vv-break">{}</li>'
BELOW = "{}<br>{}"
QUIET = '<span class="vv-quiet">{}</span>'
LATE = '<strong class="vv-late">{}</strong>'


@register.simple_tag
def task_rows(tasks: Iterable[Task], key: str) -> SafeString:
    """Return the rows of a list of tasks. `key` is the beginning of their ids."""
    return as_markup("".join([show_task(task, f"{escape(key)}-{at}") for at, task in enumerate(tasks, 1)]))


def show_task(task: Task, name: str) -> str:
    more = escape(task.more)
    if more and task.more_url:
        more = LINK.format(escape(task.more_url), more)
    return TASK.format(
        url=escape(task.url),
        id=name,
        name=escape(task.name),
        hint=escape(task.hint),
        more=BEFORE.format(more) if more else "",
        tag=TAG.format(escape(task.status), escape(task.status_label)),
    )


@register.simple_tag
def news_rows(entries: Iterable[tuple[News, date]]) -> SafeString:
    """Return the rows of the news, each with its day."""
    return as_markup("".join([show_news(news, day) for news, day in entries]))


def show_news(news: News, day: date) -> str:
    return NEWS.format(
        css=' class="vv-news__own"' if news.is_own else "",
        day=day.isoformat(),
        label=short_date_label(day),
        url=escape(news.url),
        words=escape(news.words),
        more=MORE.format(escape(news.more)) if news.more else "",
    )


@register.simple_tag
def challenge_rows(views: Iterable[ChallengeView]) -> SafeString:
    """Return the rows of a short list of challenges, each with when its answer is due, or its state."""
    return as_markup("".join([ROW.format(show_challenge(view)) for view in views]))


def show_challenge(view: ChallengeView) -> str:
    named = LINK.format(escape(view.url), escape(f"{view.reference}: {view.about}"))
    state = LATE.format(escape(view.due)) if view.is_overdue else QUIET.format(escape(view.due or view.state.label))
    return BELOW.format(named, state)


@register.simple_tag
def action_rows(actions: Iterable[Action]) -> SafeString:
    """Return the rows of a short list of actions, each with its RAG and why it has it."""
    return as_markup("".join([ROW.format(show_action(action)) for action in actions]))


def show_action(action: Action) -> str:
    named = LINK.format(escape(action.get_absolute_url()), escape(str(action)))
    return BELOW.format(f"{rag_mark(action)} {named}", QUIET.format(escape(action.rag_why)))


@register.simple_tag
def link_rows(links: Iterable[tuple[str, str]]) -> SafeString:
    """Return a row for each of these words, which link to an address."""
    return as_markup("".join([ROW.format(LINK.format(escape(url), escape(words))) for words, url in links]))


@register.simple_tag
def board_links(boards: Iterable[Board], area: PartnershipArea, month: Month) -> SafeString:
    """Return the links to boards' pages of a month."""
    addresses = ((link_to("reporting:board-view", area.slug, month, board.code), board.short_name) for board in boards)
    return as_markup(", ".join([LINK.format(escape(url), escape(name)) for url, name in addresses]))
