"""Makes closient_gql/data/unece-rec20.tsv.gz out of units-of-measure.csv of datasets/unece-units-of-measure.

    python scripts/demo-data/units.py units-of-measure.csv

The same input gives the same bytes.
"""

import csv
import gzip
import pathlib
import sys

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "closient_gql/data/unece-rec20.tsv.gz"


def main(source: str) -> None:
    with open(source, encoding="utf-8-sig", newline="") as file:
        found = sorted((row["CommonCode"], row["Name"]) for row in csv.DictReader(file) if row["Status"] != "X")
    text = "".join(f"{code}\t{name}\n" for code, name in found)
    OUTPUT.write_bytes(gzip.compress(text.encode(), mtime=0))
    sys.stdout.write(f"{len(found)} units\n")


if __name__ == "__main__":
    main(sys.argv[1])
