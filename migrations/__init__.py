"""Migrations: the way from any earlier schema to this one. `upgrade` runs what is missing, all or nothing."""

import pathlib
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

EXTENSIONS = ("postgis", "vector", "pg_trgm", "unaccent", "btree_gist")
"""What a server must offer: checked before anything is changed."""
HERE = pathlib.Path(__file__).parent


def config(url: str) -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    found = Config()
    found.set_main_option("script_location", str(HERE))
    found.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    found.attributes["url"] = url
    return found


@cache
def head() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(config("")).get_current_head() or ""


def upgrade(url: str, revision: str = "head") -> None:
    """Brings the database to the revision in one transaction: it is there, or nothing has changed."""
    command.upgrade(config(url), revision)
