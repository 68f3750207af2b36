"""The import of places, for those who have the file's text."""

from resolvers.locations import import_rows, imports
from schema.declare import Mutation, column, extend, root, value


@value(import_rows.RowError, says="A row that was left out.", name="LocationImportError")
class LocationImportError:
    row: int = column("The line in a CSV file (the header is line 1), or the number of the feature in GeoJSON, from 1.")
    message: str = column("What is wrong with it.")
    column: str | None = column(
        "The column in which it is wrong, by its name in the file; null if it is the whole row."
    )


@value(imports.LocationImport, says="What an import came to; every row counts once.")
class LocationImport:
    total_rows: int = column("Rows with content, without the header.")
    created: int = column("Locations that are new.")
    updated: int = column("Locations that were changed.")
    unchanged: int = column("Rows that said nothing new.")
    error_count: int = column("Rows that were left out.")
    errors: list[LocationImportError] = column("Why they were, in order of the rows.")


@extend(Mutation)
class LocationImportMutations:
    location_import: LocationImport | None = root(
        imports.import_text,
        "Creates or changes locations of an organization from the text of a CSV or GeoJSON file. Rows that are wrong "
        "are reported, the others imported, all in one transaction.",
    )
