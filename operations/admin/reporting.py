"""What the operator reads of the plan, meetings, months and packs: only services change them."""

from django.apps import apps

from actions.models import MeetingNote
from operations.admin.site import show
from reporting.models import DocumentEdition, IssuedPack, IssuedRegionPack, PackBundle, PackPhoto, Visit

HIDDEN = {
    DocumentEdition: ["content", "pdf"],
    IssuedPack: ["content", "pdf"],
    IssuedRegionPack: ["content", "pdf"],
    PackPhoto: ["picture"],
    PackBundle: ["file"],
}
# A draft from a meeting is nobody else's affair.
show(*(model for model in apps.get_app_config("actions").get_models() if model is not MeetingNote))
for model in apps.get_app_config("reporting").get_models():
    if model is not Visit:  # when somebody last looked is nobody else's affair
        show(model, hidden=HIDDEN.get(model, ()))
