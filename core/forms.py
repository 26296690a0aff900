"""What a person chooses for themselves."""

from django import forms


class RemindersForm(forms.Form):
    is_reminded = forms.BooleanField(label="Send me reminders and news of packs by e-mail", required=False)
