"""What the `govuk` template pack of crispy-forms (templates/govuk) shows of a field.

The pack's markup is govuk-frontend's own, attribute for attribute; tests/unit/test_govuk_pack.py compares it with the
fixtures which that package publishes. Django's widgets are similar but not the same. They add `required` and
`aria-invalid`, call hints `…_helptext` and number options from 0. They also use `type="number"`, with which a browser
drops what it can't read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.forms.widgets import Input
from django.template.context import RequestContext
from django.utils.safestring import SafeString

from core.forms import kept
from core.pages import as_markup

register = template.Library()

# The class of a control, by its widget: the first that matches.
CONTROL_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "govuk-textarea"),
    (forms.Select, "govuk-select"),
    (Input, "govuk-input"),
)

# Attributes of a number box that mean nothing on our text box.
NUMBER_ONLY_ATTRS = ("min", "max", "step")

# A placeholder disappears when people type and is too pale to read; use a hint above the box. Columns would make a text
# area wider than a phone.
UNWANTED_ATTRS = ("placeholder", "cols")

# Django gives each text area ten rows; govuk-frontend gives five. A form can ask for more.
DJANGO_ROWS, ROWS = "10", "5"


@dataclass(frozen=True)
class Option:
    """One radio button or checkbox. The first has the field's own id, so that an error can link to it."""

    id: str
    value: str
    label: str
    is_chosen: bool
    is_disabled: bool


@dataclass(frozen=True)
class Control:
    """Everything about one field that its markup has."""

    kind: str  # "hidden", "radios", "checkboxes", "checkbox" or "one" (a single box or select)
    id: str
    name: str
    label: str
    hint: str
    errors: tuple[str, ...]
    described_by: str
    html: SafeString  # the drawn control; empty if there are options
    options: tuple[Option, ...]

    @property
    def type(self) -> str:
        return "radio" if self.kind == "radios" else "checkbox"


@dataclass(frozen=True)
class ErrorLink:
    """One line of an error summary; `href` is empty for an error of the whole form."""

    message: str
    href: str


@register.simple_tag(name="govuk_control")
def read_control(field: BoundField) -> Control:
    """Return everything about `field`."""
    kind = _kind(field)
    errors = _messages(field)
    described_by = " ".join(
        part
        for part in (
            field.field.widget.attrs.get("aria-describedby", ""),
            f"{_id(field)}-hint" if field.help_text else "",
            f"{_id(field)}-error" if errors else "",
        )
        if part
    )
    return Control(
        kind=kind,
        id=_id(field),
        name=field.html_name,
        label=str(field.label or ""),
        hint=str(field.help_text or ""),
        errors=errors,
        described_by=described_by,
        html=_draw(field, described_by) if kind in ("one", "hidden") else SafeString(""),
        options=_options(field, kind),
    )


@register.simple_tag
def govuk_errors(form: forms.BaseForm) -> list[ErrorLink]:
    """Return the lines of the error summary: first the errors of the form, then those of its fields in order."""
    lines = [ErrorLink(message=str(error), href="") for error in form.non_field_errors()]
    for field in form:
        href = "" if field.is_hidden else f"#{_id(field)}"
        lines += [ErrorLink(message=message, href=href) for message in _messages(field)]
    return lines


@register.filter
def govuk_classes(classes: str) -> str:
    """Return our own classes among crispy's `classes`, each after a space. Crispy's buttons come with Bootstrap's."""
    return "".join(f" {name}" for name in classes.split() if name.startswith(("govuk-", "vv-")))


def _kind(field: BoundField) -> str:
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):  # also a RadioSelect, so check it first
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "one"


def _messages(field: BoundField) -> tuple[str, ...]:
    """Return what is wrong with `field`.

    Django's "This field is required" doesn't name the field, so it doesn't help in an error summary. We use the label.
    """
    generic = forms.Field.default_error_messages["required"]
    return tuple(_required_message(field) if message == generic else str(message) for message in field.errors)


def _required_message(field: BoundField) -> str:
    label = str(field.label)
    if label.endswith("?"):
        return f"Answer the question: {label}"
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return f"Tick “{label}”"
    is_acronym = label[:2].isupper()
    name = label if is_acronym else label[:1].lower() + label[1:]
    return f"{'Select' if isinstance(widget, (forms.Select, forms.RadioSelect)) else 'Enter'} {name}"


def _id(field: BoundField) -> str:
    return str(field.field.widget.attrs.get("id") or field.auto_id or field.html_name)


def _draw(field: BoundField, described_by: str) -> SafeString:
    """Return the control of a field with one control, as Django's own widget template draws it."""
    widget = field.field.widget
    context = widget.get_context(field.html_name, field.value(), {"id": _id(field)})
    attrs: dict[str, Any] = context["widget"]["attrs"]
    if not field.is_hidden:
        attrs["class"] = _control_class(field)
        if described_by:
            attrs["aria-describedby"] = described_by
        if field.field.disabled:
            attrs["disabled"] = True
    for name in UNWANTED_ATTRS:
        attrs.pop(name, None)
    if attrs.get("rows") == DJANGO_ROWS:
        attrs["rows"] = ROWS
    if isinstance(widget, forms.NumberInput):
        context["widget"]["type"] = "text"
        for name in NUMBER_ONLY_ATTRS:
            attrs.pop(name, None)
        has_fractions = isinstance(field.field, (forms.DecimalField, forms.FloatField))
        attrs.setdefault("inputmode", "decimal" if has_fractions else "numeric")
    # The widget's template has escaped its values.
    return as_markup(field.form.renderer.render(widget.template_name, context))


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    base = next((name for kind, name in CONTROL_CLASSES if isinstance(widget, kind)), None)
    if base is None:
        raise TypeError(f"The govuk template pack has no markup for a {type(widget).__name__} ({field.name}).")
    names = [base, *widget.attrs.get("class", "").split()]
    if field.errors:
        names.append(f"{base}--error")
    return " ".join(names)


def _options(field: BoundField, kind: str) -> tuple[Option, ...]:
    widget = field.field.widget
    if kind == "checkbox":
        is_chosen = bool(field.value())
        return (
            Option(
                id=_id(field),
                value=str(widget.attrs.get("value", "on")),
                label=str(field.label),
                is_chosen=is_chosen,
                is_disabled=field.field.disabled,
            ),
        )
    if kind not in ("radios", "checkboxes"):
        return ()
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()))
    return tuple(
        Option(
            id=_id(field) if index == 1 else f"{_id(field)}-{index}",
            value=str(option["value"]),
            label=str(option["label"]),
            is_chosen=bool(option["selected"]),
            is_disabled=field.field.disabled or bool(option["attrs"].get("disabled")),
        )
        for index, option in enumerate((o for _, options, _ in groups for o in options), start=1)
    )


@register.inclusion_tag("components/kept_form.html", takes_context=True)
def kept_form(context: RequestContext) -> dict[str, str]:
    """Put this beside {% csrf_token %}: if the sign-in has ended, we then save the form (core.forms.kept)."""
    request = context["request"]
    if "proof" not in vars(request):  # a page may have many forms
        request.proof = kept.proof(request.user)
    return {"field": kept.FIELD, "proof": request.proof}
