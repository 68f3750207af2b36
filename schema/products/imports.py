"""The CSV import, for those who have the file's text; uploads go to `POST /products/api/v1/import/csv`."""

from resolvers.products import imports
from schema.declare import Mutation, column, extend, root, value


@value(imports.RowError, says="A row that was left out.", name="ImportRowError")
class ImportRowError:
    line: int = column("The line in which the row begins; the header is line 1.")
    message: str = column("What is wrong with it.")
    column: str | None = column(
        "The column in which it is wrong, by its name in the file; null if it is the whole row."
    )


@value(imports.ProductImport, says="What an import came to; every row counts once.")
class ProductImport:
    total_rows: int = column("Rows with content, without the header.")
    created: int = column("Products that are new.")
    updated: int = column("Products that were changed, or claimed.")
    skipped: int = column("Rows whose GTIN came before in the file, and rows that change nothing.")
    error_count: int = column("Rows that were left out.")
    errors: list[ImportRowError] = column("Why they were, in order of the lines.")


@extend(Mutation)
class ImportMutations:
    product_import: ProductImport | None = root(
        imports.import_csv,
        "Creates or updates products of a brand organization from the text of a CSV file, and claims them for it. "
        "Rows that are wrong are reported, the others imported, all in one transaction.",
    )
