"""What happens to products by itself."""

from typing import Any

from closient_gql.adapters.storage import storage_of
from closient_gql.core.db import Database
from closient_gql.core.settings import settings
from resolvers.products.images import DELETE_FILES


async def delete_files(database: Database, payload: dict[str, Any]) -> None:
    """Deletes the files of an image that was removed. Done twice it is the same."""
    storage = storage_of(settings())
    for key in payload["keys"]:
        await storage.delete(key)


JOBS = {DELETE_FILES: delete_files}
