"""`closient gpc`: loads a release of the GS1 Global Product Classification, and looks into it."""

from pathlib import Path
from typing import Annotated

import typer

from closient_gql.core.gs1.gpc import read_gpc
from resolvers.products import gpc as classification

gpc = typer.Typer(no_args_is_help=True, help="The GS1 Global Product Classification.")


@gpc.command()
def load(
    file: Annotated[Path, typer.Argument(help="A release from gs1.org/standards/gpc: JSON or XML, unpacked.")],
) -> None:
    """Replaces the classification by this release. Get the file from GS1: it may not be passed on."""
    from closient_gql.server.cli import write

    nodes = read_gpc(file)
    typer.echo(f"loaded {write(lambda w: classification.load(w, nodes))} nodes of {file.name}")


@gpc.command()
def show(code: Annotated[str, typer.Argument(help="Code of a segment, family, class or brick.")]) -> None:
    """Says what a code stands for, from the segment down."""
    from closient_gql.server.cli import write

    found = write(lambda w: classification.path_to(w, code))
    if not found:
        raise ValueError(f"There is no GPC code {code}. Is a release loaded (closient gpc load)?")
    for node in found:
        typer.echo(f"{node.code}  {node.level:<8} {node.title}")
    typer.echo(found[-1].definition)
