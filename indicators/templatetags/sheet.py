"""Writes the rows of a return.

Each has some fifty texts, so they are formatted here, not in a template: that takes a fifth of the time. Everything
except our own numbers is escaped.
"""

import html
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString

from core.pages import as_markup
from indicators.presenters.returns import Group, RatioBeside, Row, Sheet
from indicators.ratios import RATIO_KINDS
from indicators.templatetags.figures import reason_options

register = template.Library()

# Titles, questions and definitions are the same each time: escape each once.
escape = lru_cache(maxsize=4096)(html.escape)

QUESTION = '<span class="vv-return__question"{id}>{question}</span>'
DEFINITION = (
    '<details class="vv-return__definition"><summary>What is counted<span class="govuk-visually-hidden">: {label}'
    "</span></summary>{definition}</details>"
)
GROUP = (
    '<tr role="row" class="vv-return__group">'
    '<th role="rowheader" scope="row"><span id="g-{id}">{title}</span>{question}{definition}</th>'
    '<td role="cell" class="vv-return__last" data-label="{before}">{last}</td>'
    '<td role="cell" class="vv-return__usual"></td>'
    '<td role="cell" class="vv-return__value"><output class="vv-return__total" data-total="{id}" aria-label="Total">'
    '<span>{total}</span> <span class="vv-return__mark">{mark}</span></output></td>'
    '<td role="cell" class="vv-return__more"></td></tr>'
)
ROW = """
        <tr role="row" class="{css}" data-row="{name}"{part_of}>
          <th role="rowheader" scope="row"><span id="{id}">{label}</span>{about}{ratios}{told}</th>
          <td role="cell" class="vv-return__last" data-label="{before}">{last}</td>
          <td role="cell" class="vv-return__usual" data-label="Usual">{usual}{spark}</td>
          <td role="cell" class="vv-return__value">{value}</td>
          <td role="cell" class="vv-return__more">{more}</td>
        </tr>
      """
RATIO = (
    '<p class="vv-return__ratio">{title}: <output{css} data-ratio="{ratio.kind}" data-per="{ratio.per}"'
    ' data-sign="{kind.sign}"{is_part} data-cases="{cases}" data-out-of="{out_of}" data-holds="{ratio.whole_value}">'
    "{text}</output>{held}</p>"
)
ERROR = '<p id="{}-{}-error" class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> {}</p>'
ASKED = '<p id="{}-question" class="vv-question">{}</p>'
CLASH = '<p id="{}-clash" class="vv-question vv-break">Saved since you opened this page: {}</p>'
SPARK = (
    '<svg class="vv-spark" viewBox="0 0 100 28" role="img" aria-label="{label}">'
    '<path class="vv-spark__line" d="{path}"/>{end}</svg>'
)
END = '<circle cx="{}" cy="{}" r="2.5"/>'
VALUE = (
    '<input class="govuk-input{wrong}" id="{id}-value" name="{name}:value" type="text" inputmode="numeric"'
    ' autocomplete="off" aria-labelledby="{group}{id} {column}"{about} value="{value}">'
)
MORE = (
    '<details class="vv-return__fold"{is_open}><summary>Add a reason or note'
    '<span class="govuk-visually-hidden">: {title}</span></summary>'
    '<div class="vv-return__why"><div><label for="{id}-reason">Why is there no figure?'
    '<span class="govuk-visually-hidden"> {title}</span></label>'
    '<select class="govuk-select{wrong_reason}" id="{id}-reason" name="{name}:reason"{about_reason}>{reasons}</select>'
    '</div><div><label for="{id}-note">Note, needed with a reason or an unusual figure'
    '<span class="govuk-visually-hidden">: {title}</span></label>'
    '<input class="govuk-input{wrong_note}" id="{id}-note" name="{name}:note" type="text" autocomplete="off"'
    '{about_note} value="{note}"></div></div></details>'
)
ABOUT = ' aria-describedby="{}-{}"'
PLACES = (
    '<tr role="row" class="vv-return__part"><td role="cell" colspan="5" class="vv-return__add"><details>'
    '<summary>Add another place<span class="govuk-visually-hidden">: {title}</span></summary>'
    '<label class="govuk-visually-hidden" for="origin-{code}">Another place for {title}</label>'
    '<select class="govuk-select" id="origin-{code}" name="origin:{code}"><option value="">Choose one</option>{options}'
    '</select> <button type="submit" class="govuk-button govuk-button--secondary" name="then" value="add:{code}">'
    "Add it</button></details></td></tr>"
)
OPTION = '<option value="{}">{}</option>'


@register.simple_tag
def sheet_rows(sheet: Sheet, before: str) -> SafeString:
    """Return the rows of a return's table. `before` is the short name of the month before."""
    return as_markup("".join([show_group(sheet, group, before) for group in sheet.groups]))


def show_group(sheet: Sheet, group: Group, before: str) -> str:
    rows = "".join([show_row(sheet, group, row, before) for row in group.rows])
    head = show_head(group, before) if group.is_split else ""
    return f"\n      {head}\n      {rows}\n      {show_places(group) if group.places else ''}\n    "


def show_head(group: Group, before: str) -> str:
    """Return the heading of an indicator's parts, with their total."""
    title = escape(group.title)
    return GROUP.format(
        id=escape(group.id),
        title=title,
        question=QUESTION.format(id="", question=escape(group.question)) if group.question else "",
        definition=DEFINITION.format(label=title, definition=escape(group.definition)),
        before=before,
        last=group.last_total,
        total=group.total.text,
        mark=group.total.mark,
    )


def show_row(sheet: Sheet, group: Group, row: Row, before: str) -> str:
    key, name, label = escape(row.id), escape(f"{sheet.prefix}{row.name}"), escape(row.label)
    css = "vv-return__part" if row.is_part else ""
    if row.is_wrong:
        css += " vv-return__row--error"
    elif row.question or row.clash:
        css += " vv-return__row--question"
    about = ""
    if not row.is_part:
        hint = QUESTION.format(id=f' id="{key}-hint"', question=escape(group.question)) if group.question else ""
        about = hint + DEFINITION.format(label=label, definition=escape(group.definition))
    return ROW.format(
        css=css,
        name=name,
        part_of=f' data-part-of="{escape(group.id)}"' if row.is_part else "",
        id=key,
        label=label,
        about=about,
        ratios="".join([show_ratio(sheet, ratio) for ratio in row.ratios]),
        told=show_faults(row, key) if row.is_wrong or row.question or row.clash else "",
        before=before,
        last=row.last,
        usual=f"<span>{row.usual}</span>" if row.usual else '<span class="vv-quiet">None</span>',
        spark=show_spark(row) if row.spark.path else "",
        value=show_value(sheet, group, row, key, name),
        more=show_more(row, key, name),
    )


def show_ratio(sheet: Sheet, ratio: RatioBeside) -> str:
    kind = RATIO_KINDS[ratio.kind]
    return RATIO.format(
        ratio=ratio,
        kind=kind,
        is_part=" data-is-part" if kind.is_part else "",
        title=escape(ratio.title),
        css=' class="vv-question"' if ratio.is_wrong else "",
        cases=escape(f"{sheet.prefix}{ratio.numerator}"),
        out_of=escape(f"{sheet.prefix}{ratio.denominator}") if ratio.denominator else "",
        text=html.escape(ratio.text),
        held=f", out of {html.escape(ratio.whole)}" if ratio.whole else "",
    )


def show_faults(row: Row, key: str) -> str:
    """Return what is wrong in a row, and what is asked about it."""
    faults = [ERROR.format(key, control, html.escape(error)) for control, error in row.errors.items() if error]
    if row.question:
        faults.append(ASKED.format(key, html.escape(row.question)))
    if row.clash:
        faults.append(CLASH.format(key, html.escape(row.clash)))
    return "".join(faults)


def show_spark(row: Row) -> str:
    drawn = row.spark
    return SPARK.format(label=drawn.label, path=drawn.path, end=END.format(*drawn.end) if drawn.end else "")


def show_value(sheet: Sheet, group: Group, row: Row, key: str, name: str) -> str:
    """Return the box of a row's figure."""
    is_wrong = bool(row.errors["value"])
    about = "value-error" if is_wrong else "clash" if row.clash else ""
    return VALUE.format(
        wrong=" govuk-input--error" if is_wrong else "",
        id=key,
        name=name,
        group=f"g-{escape(group.id)} " if row.is_part else "",
        column=escape(sheet.column),
        about=ABOUT.format(key, about) if about else "",
        value=html.escape(row.entry.value),
    )


def show_more(row: Row, key: str, name: str) -> str:
    """Return the list of reasons and the box of the note, folded if nobody needs them.

    In most months a lead types only figures, so a figure is one stop of Tab: with four a row, thirteen figures took 52.
    A script takes the summaries out of the order, and Alt and ↓ in the box open them; so do a word in the box, a mouse,
    touch and a screen reader's own keys. Without a script they are ordinary stops. Three other ways were worse: → at
    the end of the box traps who reads a figure character by character, opening every blank row opens each that somebody
    passes, and a window hides the other rows.
    """
    wrong_reason, wrong_note = bool(row.errors["reason"]), bool(row.errors["note"])
    about_note = "note-error" if wrong_note else "question" if row.question else ""
    return MORE.format(
        is_open=" open" if row.is_open else "",
        title=escape(row.title),
        id=key,
        name=name,
        wrong_reason=" govuk-select--error" if wrong_reason else "",
        about_reason=ABOUT.format(key, "reason-error") if wrong_reason else "",
        reasons=reason_options(row.entry.reason),
        wrong_note=" govuk-input--error" if wrong_note else "",
        about_note=ABOUT.format(key, about_note) if about_note else "",
        note=html.escape(row.entry.note),
    )


def show_places(group: Group) -> str:
    """Return the row that adds another place to a split by origin."""
    options = [OPTION.format(escape(code), escape(name)) for code, name in group.places]
    return PLACES.format(title=escape(group.title), code=escape(group.code), options="".join(options))
