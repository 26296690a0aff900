"""The lists of a home. Nothing that somebody wrote becomes markup."""

from datetime import UTC, date, datetime
from typing import Any

from django.template.loader import render_to_string

from boards.todo import News, Task

WROTE = "<b>\"&'"
SHOWN = "&lt;b&gt;&quot;&amp;&#x27;"


def task_rows(tasks: list[Task], key: str) -> str:
    return render_to_string("reporting/_tasks.html", {"tasks": tasks, "key": key})


def news_rows(entries: list[tuple[News, date]]) -> str:
    news = {"entries": entries, "heading": "What changed"}
    return render_to_string("reporting/_home_news.html", {"news": news})


def make_task(**given: Any) -> Task:
    usual = {"name": "Answer", "url": "/a/", "hint": "Soon", "status": "open", "status_label": "Open"}
    return Task(**(usual | given))


def test_each_text_of_a_task_is_escaped() -> None:
    names = ("name", "url", "hint", "status", "status_label", "more", "more_url")
    made = task_rows([make_task(**dict.fromkeys(names, WROTE))], WROTE)
    assert "<b>" not in made
    assert made.count(SHOWN) == len(names) + 2  # and the key, in both ids


def test_tasks_are_numbered_from_one() -> None:
    made = task_rows([make_task(), make_task()], "task")
    for at in (1, 2):
        assert made.count(f'aria-describedby="task-{at}"') == made.count(f'id="task-{at}"') == 1


def test_what_was_before_is_only_there_if_it_has_words() -> None:
    assert "before" not in task_rows([make_task(more_url="/before/")], "task")
    assert '<div class="govuk-task-list__hint vv-break">Before</div>' in task_rows([make_task(more="Before")], "task")
    linked = task_rows([make_task(more="Before", more_url="/before/")], "task")
    assert '<a class="govuk-link" href="/before/">Before</a></div>' in linked


def test_each_text_of_the_news_is_escaped() -> None:
    news = News(at=datetime(2026, 11, 5, tzinfo=UTC), words=WROTE, url=WROTE, more=WROTE)
    made = news_rows([(news, date(2026, 11, 5))])
    assert "<b>" not in made
    assert made.count(SHOWN) == 3
    assert 'datetime="2026-11-05">5 Nov</time>' in made


def test_ones_own_news_are_marked() -> None:
    day, at = date(2026, 11, 5), datetime(2026, 11, 5, tzinfo=UTC)
    own = news_rows([(News(at=at, words="It", url="/", is_own=True), day)])
    assert '<li class="vv-news__own"><time' in own
    assert "<li><time" in news_rows([(News(at=at, words="It", url="/"), day)])
