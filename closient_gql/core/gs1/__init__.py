"""What GS1 identifiers are written in: a library of its own. README.md beside this file shows how it is used.

Knows nothing of products, tables or HTTP, and imports nothing of ours but itself.
"""

from closient_gql.core.gs1.checks import check_digit, check_digit_fits, check_pair
from closient_gql.core.gs1.combinations import combination_errors
from closient_gql.core.gs1.compression import compress_uri, decompress_uri, is_compressed, parse_compressed, parse_link
from closient_gql.core.gs1.dictionary import Dictionary, DictionaryError, Entry
from closient_gql.core.gs1.digital_link import CANONICAL_STEM, DigitalLink, build_uri, check_stem, parse_uri
from closient_gql.core.gs1.elements import (
    Element,
    Elements,
    Options,
    build_bracketed,
    build_data_string,
    build_element_string,
    check_elements,
    parse_bracketed,
    parse_data_string,
    parse_element_string,
)
from closient_gql.core.gs1.epc import build_urn, canonical_uri, parse_urn, uri_to_urn, urn_to_uri
from closient_gql.core.gs1.errors import Fault, Gs1Error
from closient_gql.core.gs1.gtin import CheckDigitError, Gtin, GtinError, parse_code, parse_gtin
from closient_gql.core.gs1.linters import LINTERS
from closient_gql.core.gs1.meanings import Meaning, meaning
from closient_gql.core.gs1.prefixes import company_prefix
from closient_gql.core.gs1.reading import Form, Reading, read
from closient_gql.core.gs1.scan import Scan, Symbology, build_scan, parse_scan

__all__ = [
    "CANONICAL_STEM", "LINTERS", "CheckDigitError", "Dictionary", "DictionaryError", "DigitalLink", "Element",
    "Elements", "Entry", "Fault", "Form", "Gs1Error", "Gtin", "GtinError", "Meaning", "Options", "Reading", "Scan",
    "Symbology", "build_bracketed", "build_data_string", "build_element_string", "build_scan", "build_uri",
    "build_urn", "canonical_uri", "check_digit", "check_digit_fits", "check_elements", "check_pair", "check_stem",
    "combination_errors", "company_prefix", "compress_uri", "decompress_uri", "is_compressed", "meaning",
    "parse_bracketed", "parse_code", "parse_compressed", "parse_data_string", "parse_element_string", "parse_gtin",
    "parse_link", "parse_scan", "parse_uri", "parse_urn", "read", "uri_to_urn", "urn_to_uri",
]  # fmt: skip
