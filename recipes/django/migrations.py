"""Remembers whether this run applied migrations, for its undo, which is a program of its own.

A run that applied none has none to undo: what stands in the database then belongs to what is live.
"""

MARK = ".%s.migrated"


def forget_applied():
    """By an empty mark: where none can be kept, nothing is applied."""
    write(of_stage(MARK), "")


def apply_migrations(argv):
    """Only what came to its end is marked: of migrations that fail, those that were applied before stay."""
    some = are_pending()
    manage(argv)
    if some:
        write(of_stage(MARK), os.environ["DEPLOY_REVISION"])


def are_pending():
    import django
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def undo_migrations(argv):
    if content(of_stage(MARK)) != os.environ["DEPLOY_REVISION"]:
        print("this run applied no migrations, so nothing is undone")
        return
    manage(argv)
    os.unlink(of_stage(MARK))
