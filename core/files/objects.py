"""Put, read and delete bytes that rows refer to, wherever they are stored: STORAGES["objects"].

Their hash is their name, so nothing is ever overwritten, and each read proves them. The row of an object is its lock:
whoever refers to an object has put it in the same transaction, and whoever deletes one holds its row. So no object is
deleted while somebody puts the same bytes again. docs/adr/0081 says more.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import batched
from typing import Any, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, Q
from django.utils import timezone

from core.models import StoredObject
from core.timetable import for_each

PDF, ZIP = "application/pdf", "application/zip"
# How long an object stays in an outside store once no row uses it. A backup that is younger can be restored whole.
KEPT_FOR = timedelta(days=14)
A_NAME = re.compile("[0-9a-f]{64}")
A_BATCH = 500  # names to look up in one query


class Unreadable(Exception):
    """An object can't be stored or read now. Its text is a sentence, which names no object's content."""


class Damaged(Unreadable):
    """The bytes aren't those that were put."""


def put(content: bytes, media_type: str) -> StoredObject:
    """Store bytes, and return their object. Call it in the transaction that saves a row which refers to it.

    The same bytes are stored once. Raises Unreadable.
    """
    name = name_of(content)
    # Locks the row, or makes it, until the transaction ends.
    stored, _ = StoredObject.objects.select_for_update(no_key=True).get_or_create(
        sha256=name, defaults={"size": len(content), "media_type": media_type}
    )
    if stored.unused_since is not None:
        stored.unused_since = None
        stored.save(update_fields=["unused_since"])
    if stored.content is None:
        get_store().save(name, ContentFile(content))
    elif bytes(stored.content) != content:
        raise Damaged(f"The object {stored} no longer has the bytes that were stored.")
    return stored


def read(stored: StoredObject | None) -> bytes:
    """Return an object's bytes. One query, unless its `content` is loaded. Raises Unreadable, also without an object:
    it was removed just now.
    """
    if stored is None:
        raise Unreadable("The file has been removed.")
    content = bytes(stored.content) if stored.content is not None else fetch(get_store(), stored.pk)
    return check(stored.pk, content)


def check(name: str, content: bytes) -> bytes:
    """Return the bytes. Raises Damaged if they aren't those of the name."""
    if name_of(content) != name:
        raise Damaged(f"The object {name[:12]} no longer has the bytes that were stored.")
    return content


def probe() -> str | None:
    """Return what is wrong with the store, in a sentence; empty if it works; None if there is nothing to check. Raises
    Unreadable."""
    return get_store().probe()


def name_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def get_store() -> "Store":
    """Return where new objects are put."""
    return cast("Store", storages["objects"])


def fetch(store: "Store", name: str) -> bytes:
    """Return what a store has under a name. Raises Unreadable."""
    try:
        with store.open(name) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise Unreadable(f"The object {name[:12]} isn’t in its store.") from None
    return content


# --- What nobody uses ------------------------------------------------------------------------------


def delete_unused(names: Iterable[str] | None = None) -> int:
    """Delete the objects of these names that no row uses, or all such objects. Return how many.

    In the database they go straight away. In an outside store they go after KEPT_FOR. Raises SomeFailed after the
    others, if the store didn't delete some.
    """
    unused = StoredObject.objects.filter(_is_unused(), _can_go())
    if names is not None:
        unused = unused.filter(pk__in=list(names))
    return sum(for_each(list(unused.values_list("pk", flat=True)), _delete))


def delete_soon(names: Iterable[str | None]) -> None:
    """Delete the objects of these names once the transaction is committed, unless a row uses them."""
    gone = {name for name in names if name}
    if gone:
        # The job does what fails here.
        transaction.on_commit(lambda: delete_unused(gone), robust=True)


def delete_strays() -> int:
    """Delete what an outside store has and no row names: a transaction put it, and was rolled back. Return how many."""
    strays = (name for name in get_store().list_old(timezone.now() - KEPT_FOR) if A_NAME.fullmatch(name))
    deleted = 0
    for some in batched(strays, A_BATCH, strict=False):
        stored = set(StoredObject.objects.filter(pk__in=some).values_list("pk", flat=True))
        deleted += sum(_delete_stray(name) for name in some if name not in stored)
    return deleted


def _is_unused() -> Q:
    """Match objects that no row refers to."""
    fields = [
        relation.field
        for relation in StoredObject._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel)
    ]
    return Q(*(~Exists(field.model._base_manager.filter(**{field.name: OuterRef("pk")})) for field in fields))


def _can_go() -> Q:
    """Match objects whose time is over once no row refers to them, or hasn't begun."""
    return Q(content__isnull=False) | Q(unused_since=None) | Q(unused_since__lte=timezone.now() - KEPT_FOR)


def _delete(name: str) -> bool:
    """Delete an object, or note that nobody uses it. Return whether it was deleted."""
    with transaction.atomic(durable=True):
        one = StoredObject.objects.filter(pk=name)
        # In two statements: what the first one waited for, the second one sees.
        if one.select_for_update().values_list("pk").first() is None:
            return False
        stored = one.filter(_is_unused(), _can_go()).defer("content").annotate(is_here=Q(content__isnull=False)).first()
        if stored is None:
            return False
        if not stored.is_here and stored.unused_since is None:
            one.update(unused_since=timezone.now())
            return False
        stored.delete()
        connection.check_constraints([])  # those that wait for the commit: what follows can't be taken back
        if not stored.is_here:
            get_store().delete(name)
    return True


def _delete_stray(name: str) -> bool:
    """Delete an object without a row from an outside store. Return False if it has a row now."""
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                # Only to lock its name: whoever puts it now waits, and then puts it again.
                StoredObject.objects.create(sha256=name, size=0, media_type="stray")
        except IntegrityError:
            return False
        get_store().delete(name)
        transaction.set_rollback(True)
    return True


# --- Where they are --------------------------------------------------------------------------------


class Store(Storage):
    """A place for objects. Besides what Django asks of a storage, it can be searched and checked."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # the same name is the same bytes

    def list_old(self, before: datetime) -> Iterator[str]:
        """Return the names of what was put here before a moment. Raises Unreadable."""
        raise NotImplementedError

    def probe(self) -> str | None:
        """Return what is wrong here, in a sentence; empty if it works; None if there is nothing to check."""
        raise NotImplementedError


class DatabaseStorage(Store):
    """Objects in the database: each in its own row, which core.files.objects has made."""

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        content = self._rows(name).values_list("content", flat=True).first()
        if content is None:
            raise FileNotFoundError(name)
        return ContentFile(bytes(content))

    def _save(self, name: str, content: "File[bytes]") -> str:
        StoredObject.objects.filter(pk=name, content__isnull=True).update(content=content.read())
        return name

    def exists(self, name: str) -> bool:
        return bool(self._rows(name).exists())

    def delete(self, name: str) -> None:
        self._rows(name).update(content=None)

    def list_old(self, before: datetime) -> Iterator[str]:
        return iter(())  # nothing is here without its row

    def probe(self) -> str | None:
        if StoredObject.objects.filter(content__isnull=True).exists():
            return "Files are in a store outside the database, but OBJECTS_URL isn’t set."
        return None

    def _rows(self, name: str) -> Any:
        return StoredObject.objects.filter(pk=name, content__isnull=False)
