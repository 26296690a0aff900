"""The form for a table of people to invite: pasted, or sent as a file."""

from copy import copy
from typing import Any

from django import forms
from django.http import QueryDict

from boards.forms.fields import polish
from boards.invitations import PersonRow, TableRefused, read_people, write_table
from boards.models import PartnershipArea
from boards.services.invitations import Plan, plan_invitations
from core.forms import AsTyped
from core.uploads import ReceivedFile
from indicators.imports.table_rows import CellsRefused, read_file, read_pasted

LARGEST_FILE = 2 * 1024 * 1024  # bytes


class PeopleForm(forms.Form):
    """The box then shows what was sent, also from a file, so that it can be corrected there."""

    use_required_attribute = False
    table, seen = AsTyped(), AsTyped()
    is_attested = forms.BooleanField(
        required=False,
        label="I know who each of these people is. I have checked that the address is their own, at work.",
    )
    file = forms.Field(
        required=False,
        label="Or a file",
        help_text="CSV or a workbook (.xlsx or .ods), at most 2 MB. We read it instead of the pasted table. "
        "We don’t store it.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods"}),
    )

    def __init__(self, typed: QueryDict | None, files: Any, *, area: PartnershipArea) -> None:
        super().__init__(typed, files)
        self.area = area
        self.plan: Plan | None = None
        self.notes: list[str] = []
        self.people: list[PersonRow] = []
        self.fields["table"].label = "Paste the table"
        self.fields[
            "table"
        ].help_text = "One line for each of a person’s roles. Copy it from a spreadsheet, with or without a heading."
        self.fields["table"].widget.attrs |= {"rows": 8, "spellcheck": "false"}
        self.fields["seen"].widget = forms.HiddenInput()
        polish(self)

    def clean(self) -> None:
        sent = self.files.get("file") if self.files else None
        name = "file" if isinstance(sent, ReceivedFile) else "table"
        try:
            if isinstance(sent, ReceivedFile):
                self.people = read_people(self.read_cells(sent))
                self.show_in_box(write_table(self.people))
                # Read again from the box's own text, so that faults name the lines that it shows.
                self.people = read_people(read_pasted(write_table(self.people)))
            else:
                self.people = read_people(read_pasted(self.cleaned_data["table"]))
        except (TableRefused, CellsRefused) as refused:
            self.add_error(name, str(refused))
            return
        self.plan = plan_invitations(self.area, self.people)
        if self.plan.faults:
            self.add_error("table", "Correct the lines named above, then check again")

    def read_cells(self, sent: ReceivedFile) -> Any:
        if sent.is_too_big:
            raise CellsRefused(f"The file is larger than {LARGEST_FILE // 1024**2} MB.")
        rows, self.notes = read_file(sent.read())
        return rows

    def show_in_box(self, text: str) -> None:
        # A request's own data can't be changed.
        data: Any = copy(self.data)
        data["table"] = text
        self.data = data

    @property
    def text(self) -> str:
        """Return what the invite button carries."""
        return str(self["table"].value() or "")
