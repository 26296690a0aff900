"""What a form's template needs so that no typed text is lost."""

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.forms import kept

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_form(context: RequestContext) -> SafeString:
    """Put this beside {% csrf_token %}: if the sign-in has ended, we then save the form (core.forms.kept)."""
    request = context["request"]
    if "proof" not in vars(request):  # a page may have many forms
        request.proof = kept.proof(request.user)
    return format_html('<input type="hidden" name="{}" value="{}">', kept.FIELD, request.proof)
