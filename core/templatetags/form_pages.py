"""What a form's template needs so that no typed text is lost."""

from django import template
from django.template.context import RequestContext

from core.forms import kept

register = template.Library()


@register.inclusion_tag("components/kept_form.html", takes_context=True)
def kept_form(context: RequestContext) -> dict[str, str]:
    """Put this beside {% csrf_token %}: if the sign-in has ended, we then save the form (core.forms.kept)."""
    request = context["request"]
    if "proof" not in vars(request):  # a page may have many forms
        request.proof = kept.proof(request.user)
    return {"field": kept.FIELD, "proof": request.proof}
