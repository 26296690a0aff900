"""Somebody's browser."""

from django.test import Client

from core.models import User


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client
