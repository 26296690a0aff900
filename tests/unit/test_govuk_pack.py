"""The crispy template pack draws what govuk-frontend draws.

Each case of govuk_fixtures.json is one of that package's published fixtures: options, and the HTML
that its own templates make of them. Here the options become a Django form, and the pack's HTML must be
the same tree: elements, attributes and text, whatever their order or spacing. `data-module` is left
out, since it only starts the package's JavaScript, which we don't load.
"""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import ButtonHolder, Div, Field, Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string

CASES = json.loads((Path(__file__).parent / "govuk_fixtures.json").read_text(encoding="utf-8"))["cases"]
FIELD_COMPONENTS = ("input", "textarea", "select", "radios", "checkboxes")


def cases(*components):
    chosen = [case for case in CASES if case["component"] in components]
    return pytest.mark.parametrize("case", chosen, ids=[f"{case['component']}: {case['name']}" for case in chosen])


# --- HTML as a tree --------------------------------------------------------


@dataclass
class Element:
    tag: str
    attrs: dict[str, Any]
    children: list[Any] = field(default_factory=list)


class TreeBuilder(HTMLParser):
    """HTML as nested Elements, without spacing, `data-module` and the order of attributes and classes."""

    VOID = ("input", "br", "meta", "link")

    def __init__(self):
        super().__init__()
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs if name != "data-module"})
        if "class" in element.attrs:
            element.attrs["class"] = sorted(element.attrs["class"].split())
        self.open[-1].children.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if text := " ".join(data.split()):
            self.open[-1].children.append(text)


def tree(html):
    builder = TreeBuilder()
    builder.feed(html)
    builder.close()
    assert builder.open == [builder.root], "an element isn't closed"
    return builder.root.children


# --- A form for a fixture's options ----------------------------------------


def widget_for(component, options, attrs):
    items = options.get("items", [])
    choices = [(item["value"], item["text"]) for item in items]
    if component == "checkboxes" and "fieldset" not in options:
        return forms.CheckboxInput({**attrs, "value": items[0]["value"]})
    if component == "input" and "inputmode" in options:
        return forms.NumberInput(attrs)
    if component in ("input", "textarea"):
        return {"input": forms.TextInput, "textarea": forms.Textarea}[component](attrs)
    with_choices = {"select": forms.Select, "radios": forms.RadioSelect, "checkboxes": forms.CheckboxSelectMultiple}
    return with_choices[component](attrs, choices=choices)


def form_for(case):
    """A form with the one field that the options describe; bound where an error has to show."""
    options = case["options"]
    fieldset = options.get("fieldset", {})
    attrs = {
        "id": options.get("idPrefix") or options.get("id"),
        "class": options.get("classes"),
        "autocomplete": options.get("autocomplete"),
        "rows": options.get("rows"),
        "aria-describedby": options.get("describedBy") or fieldset.get("describedBy"),
    }
    widget = widget_for(case["component"], options, {name: value for name, value in attrs.items() if value})
    label = options.get("label") or fieldset.get("legend") or options["items"][0]
    kind = forms.DecimalField if options.get("inputmode") == "decimal" else forms.CharField
    name = options["name"]
    form_class = type(
        "FixtureForm",
        (forms.Form,),
        {
            name: kind(
                label=label["text"],
                help_text=options.get("hint", {}).get("text", ""),
                widget=widget,
                required=False,
                disabled=options.get("disabled", False),
                initial=options.get("value"),
            )
        },
    )
    if "errorMessage" not in options:
        return form_class(auto_id="%s")
    chosen = [item["value"] for item in options.get("items", []) if item.get("checked")]
    form = form_class({name: chosen[0]} if chosen else {}, auto_id="%s")
    form.add_error(name, options["errorMessage"]["text"])
    return form


@cases(*FIELD_COMPONENTS)
def test_a_field_is_drawn_as_govuk_frontend_draws_it(case):
    html = Template("{% load crispy_forms_tags %}{{ form|crispy }}").render(Context({"form": form_for(case)}))

    assert tree(html) == tree(case["html"])


@cases("error-summary")
def test_the_error_summary_is_drawn_as_govuk_frontend_draws_it(case):
    errors = case["options"]["errorList"]
    names = [error["href"].removeprefix("#") for error in errors if "href" in error]
    form_class = type("FixtureForm", (forms.Form,), {name: forms.CharField(required=False) for name in names})
    form = form_class({}, auto_id="%s")
    for error in errors:
        form.add_error(error.get("href", "").removeprefix("#") or None, error["text"])

    html = Template("{% load crispy_forms_tags %}{{ form|as_crispy_errors }}").render(Context({"form": form}))

    assert tree(html) == tree(case["html"])


@cases("fieldset")
def test_a_fieldset_is_drawn_as_govuk_frontend_draws_it(case):
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(Fieldset(case["options"]["legend"]["text"]))

    assert tree(render_crispy_form(forms.Form(), helper)) == tree(case["html"])


# --- What the fixtures don't cover -----------------------------------------


class ReturnForm(forms.Form):
    figure = forms.IntegerField(label="PWITS", min_value=0, help_text="A whole number")
    reason = forms.ChoiceField(label="Reason", choices=[("a", "A")], widget=forms.RadioSelect)
    question = forms.CharField(label="How many?")
    kept = forms.CharField(widget=forms.HiddenInput, initial="kept")

    def clean(self):
        raise forms.ValidationError("The parts exceed the whole.")


def elements(nodes, tag):
    """All elements named `tag`, at any depth, in the page's order."""
    for node in nodes:
        if isinstance(node, Element):
            if node.tag == tag:
                yield node
            yield from elements(node.children, tag)


def test_a_whole_number_is_a_text_box_with_a_number_pad():
    [box] = [box for box in elements(tree(render_crispy_form(ReturnForm())), "input") if box.attrs["name"] == "figure"]

    assert box.attrs == {
        "class": ["govuk-input"],
        "id": "id_figure",
        "name": "figure",
        "type": "text",
        "inputmode": "numeric",
        "aria-describedby": "id_figure-hint",
    }


def test_each_link_of_an_error_summary_lands_on_a_control():
    form = ReturnForm({})
    page = tree(render_crispy_form(form)) + tree(render_to_string("govuk/errors.html", {"form": form}))

    targets = [link.attrs["href"].removeprefix("#") for link in elements(page, "a")]
    boxes = [box.attrs["id"] for box in elements(page, "input") if box.attrs["type"] != "hidden"]

    assert targets == ["id_figure", "id_reason", "id_question"]
    assert set(targets) <= set(boxes)


def test_a_missing_answer_names_its_field():
    summary = tree(render_to_string("govuk/errors.html", {"form": ReturnForm({"kept": "kept"})}))

    assert next(elements(summary, "li")).children == ["The parts exceed the whole."]
    assert [link.children for link in elements(summary, "a")] == [
        ["Enter PWITS"],
        ["Select reason"],
        ["Answer the question: How many?"],
    ]


def test_a_whole_form_posts_with_its_own_checks_off_and_the_button_names_the_act():
    helper = FormHelper()
    helper.form_action = "/somewhere/"
    helper.layout = Layout(
        Div(Field("figure", wrapper_class="vv-narrow"), css_id="box"),
        "kept",
        ButtonHolder(Submit("then", "Save draft", css_class="govuk-button--secondary")),
    )

    [drawn] = tree(render_crispy_form(ReturnForm(), helper, context={"csrf_token": "token"}))
    [button] = elements([drawn], "button")

    assert (drawn.tag, drawn.attrs) == ("form", {"method": "post", "action": "/somewhere/", "novalidate": ""})
    assert button.attrs == {
        "type": "submit",
        "class": ["govuk-button", "govuk-button--secondary"],
        "name": "then",
        "value": "Save draft",
    }
    assert button.children == ["Save draft"]
    assert [box.attrs["name"] for box in elements([drawn], "input")] == ["csrfmiddlewaretoken", "figure", "kept"]


def test_words_of_a_form_are_escaped():
    class Hostile(forms.Form):
        name = forms.CharField(label="<b>Name</b>", help_text="<i>hint</i>")

    html = render_crispy_form(Hostile({"name": ""})) + render_to_string("govuk/errors.html", {"form": Hostile({})})

    assert "<b>" not in html
    assert "<i>" not in html
