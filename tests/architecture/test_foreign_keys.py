"""No app's model knows a model of an app above it: import-linter doesn't see relations that are named
in a string."""

import pytest
from django.apps import apps
from django.db.models import Model

ORDER = ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash")  # from the ground up


def our_models() -> list[type[Model]]:
    """Those that Django makes for a many-to-many relation too."""
    return [
        model
        for label in ORDER
        for model in apps.get_app_config(label).get_models(include_auto_created=True, include_swapped=True)
    ]


def level(app: str) -> int:
    """Django's own apps, and other packages', stand on the ground."""
    return ORDER.index(app) if app in ORDER else -1


def related(model: type[Model]) -> list[tuple[str, type[Model]]]:
    """What this model's own fields point to; of a many-to-many relation, the rows between too."""
    found = []
    for field in [*model._meta.fields, *model._meta.many_to_many, *model._meta.private_fields]:
        if field.is_relation:
            assert field.related_model is not None, f"{model._meta.label}.{field.name} points anywhere at all."
            found.append((field.name, field.related_model))
            through = getattr(field.remote_field, "through", None)
            if through is not None:
                found.append((f"{field.name}.through", through))
    return found


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_points_down(model):
    own = level(model._meta.app_label)

    upwards = {name: other._meta.label for name, other in related(model) if level(other._meta.app_label) > own}

    assert upwards == {}


def test_every_app_of_ours_has_its_place():
    ours = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}

    assert ours == set(ORDER)
