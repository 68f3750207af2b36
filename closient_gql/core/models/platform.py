"""What the platform keeps about itself."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.models.base import Base


class DemoSet(Base):
    """A set of demo data that was loaded. It stays when its rows are changed or deleted: each set loads once."""

    __tablename__ = "demo_sets"
    name: Mapped[str] = mapped_column(primary_key=True)
    loaded: Mapped[datetime] = mapped_column(server_default=func.now())
