"""A database whose disk is full."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LIMITED, UNLIMITED = "PRAGMA max_page_count = {}", "PRAGMA max_page_count = 1073741823"
REFUSED = """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$"""
AT = "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION full_disk()"
ROOM = 8  # pages


@contextmanager
def full_disk(table: str) -> Iterator[None]:
    """SQLite may not make its file larger, so nothing large is saved, and it says what it says of a full disk.
    PostgreSQL is made to say the same when a row of this table is saved."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # What others have deleted leaves room, and inside a transaction nothing gives it back.
            (free,) = cursor.execute("PRAGMA freelist_count").fetchone()
            (size,) = cursor.execute("PRAGMA page_size").fetchone()
            cursor.execute(f"CREATE TABLE filled AS SELECT zeroblob({free * size}) AS room")
            (pages,) = cursor.execute("PRAGMA page_count").fetchone()
            cursor.execute(LIMITED.format(pages + ROOM))
            refill = [UNLIMITED, "DROP TABLE filled"]
        else:
            cursor.execute(REFUSED)
            cursor.execute(AT.format(table))
            refill = ["DROP FUNCTION full_disk() CASCADE"]
        try:
            yield
        finally:
            for statement in refill:
                cursor.execute(statement)
