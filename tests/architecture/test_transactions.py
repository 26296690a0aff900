"""Whatever locks a row, or changes two things, does so in one transaction.

On PostgreSQL a lock outside a transaction fails, and two changes outside one may be half done. Other tests see neither:
each of them is in a transaction itself. So this one reads the source, from what locks or writes up to whoever calls it.

And whatever goes on after a change that the database refused has a savepoint: without it, PostgreSQL refuses the rest.
"""

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import indent

import pytest
from django.apps import apps
from django.conf import settings

# They make several changes, each in a transaction of its own.
EACH_BY_ITSELF = {
    "One that fails holds up no other": """
        boards.services.keys.note_key_uses
        boards.services.months.open_months
        core.files.objects.delete_strays
        core.audit_log.sealing.seal
        core.audit_log.sealing.seal_each
        core.jobs.run_due_jobs
        boards.deletion._apply
        boards.deletion._delete
        boards.deletion.apply_retention
        reporting.months.rollup.roll_up_apart
        reporting.months.rollup.roll_up_each_area
        reporting.packs.services.issue.fill
        reporting.packs.services.issue.make_bundle
        reporting.packs.services.issue.make_bundles
        reporting.packs.services.issue.make_or_say_why
        reporting.public.taking_down.prepare_replacements
    """,
    "What is sent can't be taken back: first all is saved, then it is sent, and then we note that it was": """
        actions.services.letters.send_notices_again
        boards.services.letters.send_again
        boards.services.people.send_access
        core.mail.account.send_account_letters
        operations.health.alarms.send
        operations.health.alarms.watch
        core.mail.daily.claim_letters
        core.mail.daily.claim_letters_in
        core.mail.daily.send_letters
        core.mail.letters.deliver
        indicators.services.letters.remind_now
        indicators.services.letters.send_again
        reporting.packs.services.letters.send_again
    """,
    "Others see at once that it began": """
        core.jobs._note_start
        core.jobs.run_job
        core.jobs.run_slow_job
    """,
    "Its one UPDATE decides, whichever process asks": "core.identity.factors.spend_code",
    "Only an event in a chain can change its words, so it is chained first": "boards.deletion.erase_person",
}
# Somebody calls them by another name, in a transaction.
CALLED_INSIDE = {
    "operations.admin.boards.PartAdmin": "Django's admin opens one for each request",
    "operations.admin.boards.PartAdmin.save_model": "the same",
    "boards.services.keys.end_keys_of_leaver": "boards.services.people.take_role, by settings.ENDS_WITH_LAST_ROLE",
}

WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
SAVED_ELSEWHERE = ("request.session", "form", "get_store()")  # in no row that a service changes
# Other modules than services that change rows.
CHANGING = {"adapters", "deletion", "limits", "objects", "rollup", "sealing", "taking_back", "taking_down"}
LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What somebody does outside a transaction. All that they do inside one counts as one change.
NOTHING, ONE_CHANGE, CHANGES, A_LOCK = range(4)

type Name = tuple[str, str]  # of a module, and of a function, class or "Class.method" in it; "" is the module itself


class Source:
    """The functions of some modules, and what each does outside a transaction."""

    def __init__(self, modules: dict[str, ast.Module]) -> None:
        self.modules = modules
        self.nodes: dict[Name, ast.AST] = {}
        self.imported: dict[Name, Name] = {}
        self.callers: dict[Name, set[Name]] = defaultdict(set)
        self.outside: dict[Name, set[Name]] = defaultdict(set)  # those callers that aren't in a transaction
        self.levels: dict[Name, int] = {}
        self.without_savepoint: set[Name] = set()
        for module, tree in modules.items():
            for top in tree.body:
                if isinstance(top, ast.FunctionDef | ast.ClassDef):
                    self.nodes[module, top.name] = top
                if isinstance(top, ast.ClassDef):
                    self.nodes |= {(module, f"{top.name}.{each.name}"): each for each in list_methods(top)}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom):
                    self.imported |= {(module, a.asname or a.name): (str(node.module), a.name) for a in node.names}
        for name in self.nodes:
            self.level(name)
        for module, tree in modules.items():
            rest = (node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef))
            Reader(self, (module, "")).add(rest)

    def level(self, name: Name) -> int:
        if name not in self.levels:
            self.levels[name] = NOTHING  # while it is read: it may call itself
            self.levels[name] = Reader(self, name).visit(self.nodes[name])
        return self.levels[name]

    def find(self, module: str, name: str) -> Name | None:
        """Find what a name stands for in a module."""
        while (module, name) in self.imported and (module, name) not in self.nodes:
            module, name = self.imported[module, name]
            if f"{module}.{name}" in self.modules:
                return f"{module}.{name}", ""
        return (module, name) if (module, name) in self.nodes else None

    def find_faults(self) -> Iterator[str]:
        many = {name for names in EACH_BY_ITSELF.values() for name in names.split()}
        for (module, name), level in self.levels.items():
            text, outside = f"{module}.{name}", self.outside[module, name]
            is_entry = not self.callers[module, name] or any(not caller for _, caller in outside)
            # A part of a service is in whichever transaction its callers are in.
            is_service = is_entry or any(not is_changing(at) or f"{at}.{caller}" in many for at, caller in outside)
            if (module, name) in self.without_savepoint:
                yield f"{text} goes on after a change that was refused, without a savepoint"
            if text in CALLED_INSIDE:
                continue
            if level == A_LOCK and is_entry:
                yield f"{text} locks a row outside a transaction"
            if level == CHANGES and is_service and is_changing(module) and text not in many:
                yield f"{text} makes several changes, and not in one transaction"


class Reader(ast.NodeVisitor):
    """Reads what a function does, or a part of it."""

    def __init__(self, source: Source, name: Name) -> None:
        self.source, self.name, self.module = source, name, name[0]
        self.is_inside = False

    def generic_visit(self, node: ast.AST) -> int:
        level = self.add(ast.iter_child_nodes(node))
        return add(level, level) if isinstance(node, LOOPS) else level

    def add(self, nodes: Iterable[ast.AST]) -> int:
        return functools.reduce(add, map(self.visit, nodes), NOTHING)

    def visit_ClassDef(self, node: ast.ClassDef) -> int:
        # Whoever makes one may call any of its methods.
        methods = [(self.module, f"{node.name}.{each.name}") for each in list_methods(node)]
        return max(map(self.call, methods), default=NOTHING)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> int:
        return self.read(node.body, is_inside=any(map(is_transaction, node.decorator_list)))

    def visit_With(self, node: ast.With) -> int:
        opened = [item.context_expr for item in node.items]
        return add(self.add(opened), self.read(node.body, is_inside=any(map(is_transaction, opened))))

    def visit_Try(self, node: ast.Try) -> int:
        caught = [part for each in node.handlers if each.type for part in ast.walk(each.type)]
        is_refused = any(isinstance(part, ast.Name) and part.id == "IntegrityError" for part in caught)
        if is_refused and not any(is_transaction(part) for each in node.body for part in ast.walk(each)):
            self.source.without_savepoint.add(self.name)
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> int:
        return add(self.visit(node.test), max(self.read(node.body), self.read(node.orelse)))

    def visit_IfExp(self, node: ast.IfExp) -> int:
        return add(self.visit(node.test), max(self.visit(node.body), self.visit(node.orelse)))

    def visit_Call(self, node: ast.Call) -> int:
        match node.func:
            case ast.Attribute(attr="on_commit"):
                return NOTHING  # it comes after the transaction
            case func if is_transaction(func):
                return self.read(node.args, is_inside=True)
        return add(self.generic_visit(node), ONE_CHANGE if is_write(node) else NOTHING)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> int:
        return self.visit(node.value) if node.value else NOTHING

    def visit_arguments(self, node: ast.arguments) -> int:
        return NOTHING

    def visit_Name(self, node: ast.Name) -> int:
        return self.call(self.source.find(self.module, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> int:
        match node:
            case ast.Attribute(attr="select_for_update"):
                return A_LOCK
            case ast.Attribute(value=ast.Name(id="self"), attr=attr):
                return self.call(self.source.find(self.module, f"{self.name[1].partition('.')[0]}.{attr}"))
            case ast.Attribute(value=ast.Name(id=owner), attr=attr):
                module = self.source.find(self.module, owner)
                return self.call(self.source.find(module[0], attr) if module and not module[1] else module)
        return self.generic_visit(node)

    def call(self, name: Name | None) -> int:
        if name is None or not name[1] or name == self.name or ".models" in name[0]:
            return NOTHING
        self.source.callers[name].add(self.name)
        if not self.is_inside:
            self.source.outside[name].add(self.name)
        return self.source.level(name)

    def read(self, nodes: Sequence[ast.AST], *, is_inside: bool = False) -> int:
        was, self.is_inside = self.is_inside, self.is_inside or is_inside
        level = self.read_from(nodes)
        self.is_inside = was
        return min(level, ONE_CHANGE) if is_inside else level

    def read_from(self, nodes: Sequence[ast.AST]) -> int:
        """Read one after the other. What follows a branch that leaves is another branch."""
        match nodes:
            case []:
                return NOTHING
            case [
                ast.If(test=test, body=[*_, ast.Return() | ast.Raise() | ast.Continue()] as body, orelse=other),
                *rest,
            ]:
                return add(self.visit(test), max(self.read_from(body), self.read_from([*other, *rest])))
        return add(self.visit(nodes[0]), self.read_from(nodes[1:]))


def add(one: int, other: int) -> int:
    return max(one, other) if A_LOCK in (one, other) else min(one + other, CHANGES)


def list_methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [each for each in node.body if isinstance(each, ast.FunctionDef)]


def is_transaction(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=func):
            return is_transaction(func)
        case ast.Attribute(value=ast.Name(id="transaction"), attr="atomic"):
            return True
    return False


def is_write(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=row, attr=attr)) if attr in WRITES:
            return not ast.unparse(row).endswith(SAVED_ELSEWHERE)
        case ast.Call(func=ast.Attribute(value=rows, attr="update")):  # a dictionary has a name of its own
            return isinstance(rows, ast.Call) or ast.unparse(rows).endswith("objects")
        case ast.Call(func=ast.Attribute(attr="delete"), args=[], keywords=[]):
            return True
    return False


def is_changing(module: str) -> bool:
    return "services" in module.split(".") or module.rpartition(".")[2] in CHANGING


@functools.cache
def read_product() -> Source:
    modules = {}
    for folder in (Path(each.path) for each in apps.get_app_configs()):
        for file in folder.rglob("*.py") if folder.parent == settings.BASE_DIR else ():
            if "migrations" not in file.parts:
                parts = file.relative_to(settings.BASE_DIR).with_suffix("").parts
                modules[".".join(parts).removesuffix(".__init__")] = ast.parse(file.read_text())
    return Source(modules)


def test_is_in_a_transaction():
    assert sorted(read_product().find_faults()) == []


VIEW = "from a.services import act\ndef page(request):\n    act(request.thing)"
OTHERS = {
    "a.record": "def note(verb):\n    AuditEvent.objects.create(verb=verb)",
    "a.locks": "def lock(thing):\n    return Thing.objects.select_for_update().get(pk=thing.pk)",
    "a.tasks": "from a.locks import lock\n@transaction.atomic\ndef run():\n    lock(NEXT)",
    "a.keeper": """
from a.record import note

class Keeper:
    def keep(self):
        self.note()
        self.thing.save()

    def note(self):
        note("kept")
""",
}
SERVICE = """
from a import record
from a.keeper import Keeper
from a.locks import lock

def save(thing):
    thing.save()

def act(thing):
"""
LOCKED, SEVERAL, REFUSED = "a lock", "several changes", "a change that was refused"


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        ("Thing.objects.select_for_update().get(pk=thing.pk)", LOCKED),
        ("lock(thing)", LOCKED),
        ("with transaction.atomic(durable=True):\n    lock(thing).save()", None),
        ("save(thing)", None),
        ("thing.save()\nrecord.note('changed')", SEVERAL),
        ("record.note('removed')\nthing.delete()", SEVERAL),
        ("Thing.objects.filter(pk=1).update(a=1)\nThing.objects.update(b=2)", SEVERAL),
        ("{}.update(a=1)\nthing.values.update(b=2)", None),
        ("thing.save()\ntransaction.on_commit(record.note)", None),
        ("with transaction.atomic():\n    save(thing)\nrecord.note('changed')", SEVERAL),
        ("with transaction.atomic():\n    save(thing)\n    record.note('changed')", None),
        ("with suppress(Busy):\n    save(thing)\n    record.note('changed')", SEVERAL),
        ("for part in thing.parts:\n    part.save()", SEVERAL),
        ("return [save(part) for part in thing.parts]", SEVERAL),
        ("if thing.is_new:\n    return save(thing)\nrecord.note('changed')", None),
        ("if thing.is_new:\n    save(thing)\nelse:\n    record.note('changed')", None),
        ("if thing.is_new:\n    save(thing)\nrecord.note('changed')", SEVERAL),
        ("save(thing)\nsave(thing)", SEVERAL),
        ("Keeper(thing).keep()", SEVERAL),
    ],
)
def test_finds_what_is_outside(act, fault):
    body = SERVICE + indent(act, "    ")
    assert list_faults({**OTHERS, "a.services": body, "a.views": VIEW}) == ([fault] if fault else [])
    atomic = body.replace("def act", "@transaction.atomic\ndef act")
    assert list_faults({**OTHERS, "a.services": atomic, "a.views": VIEW}) == []


def test_finds_what_goes_on_without_a_savepoint():
    save = "\n    try:\n        {}save(thing)\n    except IntegrityError:\n        return find(thing)"
    for opened, faults in (("", [REFUSED]), ("with transaction.atomic():\n            ", [])):
        service = SERVICE.replace("def act", "@transaction.atomic\ndef act") + save.format(opened)
        assert list_faults({**OTHERS, "a.services": service, "a.views": VIEW}) == faults


def test_a_part_is_in_the_transaction_of_its_callers():
    parts = {"a.services.parts": "def change(thing):\n    thing.save()\n    thing.owner.save()", "a.views": VIEW}
    service = "from a.services.parts import change\n@transaction.atomic\ndef act(thing):\n    change(thing)"
    assert list_faults({**parts, "a.services": service}) == []
    assert list_faults({**parts, "a.services": service.replace("@transaction.atomic", "")}) == [SEVERAL]
    view = "from a.services.parts import change\ndef page(request):\n    change(request.thing)"
    assert list_faults({**parts, "a.services": service, "a.views": view}) == [SEVERAL]


def list_faults(modules: dict[str, str]) -> list[str]:
    source = Source({"a": ast.parse(""), **{name: ast.parse(text) for name, text in modules.items()}})
    kinds = {"locks": LOCKED, "makes": SEVERAL, "goes": REFUSED}
    return [kinds[fault.split()[1]] for fault in source.find_faults()]
