"""The demo certifications: the catalogue, and what the labels of the demo products come to in it."""

from collections.abc import Sequence

from closient_gql.core.db import Connection, Writer
from closient_gql.server.demo_rows import Progress, demo_id
from resolvers.certifications import labels


async def certifications(connection: Connection, progress: Progress, gtins: Sequence[str]) -> None:
    write = Writer(connection)
    progress(0, len(gtins))
    await labels.load(write, demo_id)
    await labels.assign(write, gtins, demo_id)
    progress(len(gtins), len(gtins))
