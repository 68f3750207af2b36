"""`python -m migrations.new "what it does"`: writes a migration from what the models have and the database has not.

Uses the database of the settings, which must be at the newest revision (`closient db migrate`). Read what it writes:
names that changed look like a column that went and another that came.
"""

import re
import sys
from datetime import date

from alembic import command

from closient_gql.core.settings import settings
from migrations import config


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    slug = re.sub(r"[^a-z0-9]+", "_", sys.argv[1].lower()).strip("_")[:20]
    revision = f"{date.today():%Y_%m_%d}_{slug}"
    command.revision(config(settings().database), message=slug, autogenerate=True, rev_id=revision)
    return 0


if __name__ == "__main__":
    sys.exit(main())
