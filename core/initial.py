"""How does an empty database get all tables of an app soon?"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState


class InitialMigration(Migration):
    """A migration that only creates, and so needs to build its models once.

    Django builds all related models anew after each CreateModel, which takes three quarters of the time that our
    hundred tables take. None of them is changed on the way, so the last state serves each of them.

    Version 0.2.0, before anything was deployed, folded 131 migrations into one of these for each app. They took half of
    a first start, and of the start of each test database. A later migration is an ordinary one, and is kept.
    """

    initial = True

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        project_state.__dict__.pop("apps", None)  # while they are there, each operation builds them anew
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
        return project_state
