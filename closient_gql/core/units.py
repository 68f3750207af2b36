"""Units of measure: the codes of UN/ECE Recommendation 20, revision 17."""

import gzip
from functools import cache
from importlib.resources import files


@cache
def units() -> dict[str, str]:
    """Every code that is in use, with its name: `KGM` is `kilogram`. `closient_gql/data/README.md` says where from."""
    text = gzip.decompress((files("closient_gql") / "data/unece-rec20.tsv.gz").read_bytes()).decode()
    lines = (line.partition("\t") for line in text.splitlines())
    return {code: name for code, _, name in lines}
