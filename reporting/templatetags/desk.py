"""How do the lists of a home look: what somebody has to do, and what is new?

A template takes ten times as long for each of their texts, and a home has over a hundred of them. Everything except our
own numbers is escaped.
"""

from collections.abc import Iterable
from datetime import date
from html import escape

from django import template
from django.utils.safestring import SafeString

from core.markup import as_markup
from core.months import short_date_label
from core.news import News
from core.todo import Task

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
