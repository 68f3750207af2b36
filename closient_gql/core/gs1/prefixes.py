"""GS1 Company Prefixes: how many leading digits of a key are its licensee's.

The table is biip's, made from the GCP length table that GS1 publishes. It knows most prefixes, not all.
"""

import re
from functools import cache
from typing import Any

LONGEST = 12
OF_GTIN_8 = "00000"  # how the 13 digits of a GTIN-8 begin; no company prefix does


def company_prefix(key: str) -> str | None:
    """The GS1 Company Prefix that a key begins with; None where the table knows none, and of a GTIN-8, which has none.

    Args:
        key: a GLN, GIAI, GSRN and so on as it is; a GTIN or SSCC of 14 and 18 digits without its first digit.
    """
    digits = re.match(f"[0-9]{{0,{LONGEST}}}", key)[0]  # type: ignore[index]  # it always matches
    found = _table().extract(digits) if digits and not digits.startswith(OF_GTIN_8) else None
    return found.value if found and len(found.value) <= len(digits) else None


@cache
def _table() -> Any:
    from biip.gs1_prefixes import GS1CompanyPrefix  # reads its tables when imported, so only when needed

    return GS1CompanyPrefix
