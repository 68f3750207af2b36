"""GS1 Global Product Classification, as far as the operator has loaded it."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Base


class GpcLevel(Described):
    SEGMENT = "segment", "An industry."
    FAMILY = "family", "A division of a segment."
    CLASS = "class", "A group of like bricks."
    BRICK = "brick", "A category of like products: what a product is classified as."


class GpcCategory(Base):
    """A node of the classification. Products say their codes whether or not the classification is loaded."""

    __tablename__ = "gpc_categories"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    level: Mapped[str]
    title: Mapped[str]
    definition: Mapped[str]
    parent_code: Mapped[str | None] = mapped_column(String(8), ForeignKey("gpc_categories.code"), index=True)
