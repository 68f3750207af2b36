"""Every error of GS1 syntax by its code. Codes of linters are those of the GS1 Barcode Syntax Dictionary's tests."""

_SYNTAX = {
    "EMPTY": "There is nothing to read.",
    "TOO_LONG_TEXT": "The text is longer than anything that GS1 data can be written in.",
    "FORM_UNKNOWN": "This is no form of GS1 data: start with ( or ], a Digital Link URI, an EPC URN or an AI.",
    "FNC1_MISSING": "AI data must begin with FNC1.",
    "BRACKETS": "Bracketed AI text must be written as (AI)value(AI)value, a ( of a value as \\(.",
    "AI_UNKNOWN": "There is no such Application Identifier.",
    "VALUE_EMPTY": "The value is empty.",
    "VALUE_TOO_SHORT": "The value is too short.",
    "VALUE_TOO_LONG": "The value is too long.",
    "VALUE_LENGTH": "The value has a length that this AI cannot have.",
    "VALUE_HAS_CARET": "The value contains ^, which stands for FNC1.",
    "VALUE_HAS_NUL": "The value contains the null character.",
    "AI_REPEATED": "The AI occurs more than once with different values.",
    "AI_DUPLICATE": "The AI occurs more than once in the URI.",
    "AI_EXCLUDED": "The AI must not occur together with another one.",
    "AI_REQUIRES": "The AI needs another one that is not there.",
    "SERIAL_MISSING": "A digital signature (8030) needs the serial component of this key.",
    "URI_CHARACTERS": "The URI contains characters that a URI cannot have; they must be percent-encoded.",
    "URI_SCHEME": "A Digital Link URI begins with http:// or https://.",
    "URI_DOMAIN": "The URI has no domain, or one with characters that a domain cannot have.",
    "URI_NO_KEY": "The path of the URI has no primary key of GS1 followed by its value.",
    "URI_SEQUENCE": "These AIs cannot stand in the path together, or not in this order.",
    "URI_NOT_ATTRIBUTE": "The AI must not stand in the query of a Digital Link URI.",
    "URI_BELONGS_IN_PATH": "The AI qualifies the key and must stand in the path, not in the query.",
    "URI_STEM": "The stem of a Digital Link URI must be http:// or https://, a domain and maybe a path.",
    "URI_COMPRESSION": "The compressed part of the URI cannot be read.",
    "NO_PRIMARY_KEY": "A Digital Link URI needs a primary key, such as (01) or (00).",
    "SYMBOLOGY_MISSING": "Scan data must begin with a symbology identifier, such as ]C1 or ]Q3.",
    "SYMBOLOGY_UNKNOWN": "The symbology identifier is none of a GS1 symbology.",
    "SYMBOLOGY_DATA": "This symbology cannot carry such data.",
    "PRIMARY_LENGTH": "The primary message has a wrong number of digits.",
    "PRIMARY_TOO_LARGE": "GS1 DataBar Limited carries only GTINs whose first digit is 0 or 1.",
    "EPC_SYNTAX": "This is no EPC URN of a known scheme.",
    "EPC_NO_LINK": "This scheme of EPC URNs has no GS1 Digital Link.",
    "EPC_NO_URN": "There is no EPC URN for these Application Identifiers.",
    "EPC_PREFIX_LENGTH": "A GS1 Company Prefix has 4 to 12 digits, in EPC URNs 6 to 12.",
    "BUILD_NOTHING": "There are no elements to build anything from.",
}

_LINTERS = {
    "NON_DIGIT_CHARACTER": "A digit is expected here.",
    "INVALID_CSET82_CHARACTER": "This character is not one of the 82 that an AI may contain.",
    "INVALID_CSET39_CHARACTER": "Only digits, capital letters, #, - and / are allowed here.",
    "INVALID_CSET64_CHARACTER": "This character does not belong to the URI-safe base 64 alphabet.",
    "INVALID_CSET64_PADDING": "There are too many or too few = at the end.",
    "INCORRECT_CHECK_DIGIT": "The check digit does not fit the digits before it.",
    "TOO_SHORT_FOR_CHECK_DIGIT": "This is too short to have a check digit.",
    "INCORRECT_CHECK_PAIR": "The two check characters do not fit the characters before them.",
    "TOO_SHORT_FOR_CHECK_PAIR": "This is too short to have two check characters.",
    "TOO_LONG_FOR_CHECK_PAIR_IMPLEMENTATION": "This is too long to have two check characters.",
    "TOO_SHORT_FOR_GCP": "This is too short to begin with a GS1 Company Prefix.",
    "INVALID_GCP_PREFIX": "This does not begin with a GS1 Company Prefix.",
    "GCP_DATASOURCE_OFFLINE": "GS1 Company Prefixes cannot be looked up right now.",
    "REQUIRES_NON_DIGIT_CHARACTER": "At least one character must not be a digit.",
    "IMPORTER_IDX_MUST_BE_ONE_CHARACTER": "The importer index is one character.",
    "INVALID_IMPORT_IDX_CHARACTER": "The importer index is a letter, a digit, - or _.",
    "ILLEGAL_ZERO_VALUE": "The value must not be zero.",
    "ILLEGAL_ZERO_PREFIX": "The number must not begin with zero.",
    "NOT_ZERO": "Only zeros are allowed here.",
    "NOT_ZERO_OR_ONE": "Only 0 or 1 is allowed here.",
    "NOT_HYPHEN": "Only a hyphen is allowed here.",
    "INVALID_WINDING_DIRECTION": "The winding direction is 0, 1 or 9.",
    "INVALID_BIOLOGICAL_SEX_CODE": "The biological sex is 0, 1, 2 or 9 (ISO 5218).",
    "NOT_ISO3166": "This is no numeric country code of ISO 3166-1.",
    "NOT_ISO3166_OR_999": "This is neither a numeric country code of ISO 3166-1 nor 999.",
    "NOT_ISO3166_ALPHA2": "This is no country code of two letters of ISO 3166-1.",
    "NOT_ISO4217": "This is no numeric currency code of ISO 4217.",
    "IBAN_TOO_SHORT": "This is too short to be an IBAN.",
    "IBAN_TOO_LONG": "This is too long to be an IBAN.",
    "INVALID_IBAN_CHARACTER": "An IBAN has digits and capital letters only.",
    "ILLEGAL_IBAN_COUNTRY_CODE": "An IBAN begins with a country code of ISO 3166-1.",
    "INCORRECT_IBAN_CHECKSUM": "The check digits of the IBAN do not fit the rest of it.",
    "DATE_TOO_SHORT": "The date has too few digits.",
    "DATE_TOO_LONG": "The date has too many digits.",
    "ILLEGAL_MONTH": "There is no such month.",
    "ILLEGAL_DAY": "This month has no such day.",
    "HOUR_TOO_SHORT": "The hour has two digits.",
    "HOUR_TOO_LONG": "The hour has two digits.",
    "MINUTE_TOO_SHORT": "The minute has two digits.",
    "MINUTE_TOO_LONG": "The minute has two digits.",
    "SECOND_TOO_SHORT": "The second has two digits.",
    "SECOND_TOO_LONG": "The second has two digits.",
    "HOUR_WITH_MINUTE_TOO_SHORT": "Hour and minute have four digits.",
    "HOUR_WITH_MINUTE_TOO_LONG": "Hour and minute have four digits.",
    "ILLEGAL_HOUR": "There is no such hour.",
    "ILLEGAL_MINUTE": "There is no such minute.",
    "ILLEGAL_SECOND": "There is no such second.",
    "INVALID_LENGTH_FOR_PIECE_OF_TOTAL": "Piece and total must have the same number of digits.",
    "ZERO_PIECE_NUMBER": "The number of the piece must not be zero.",
    "ZERO_TOTAL_PIECES": "The number of pieces must not be zero.",
    "PIECE_NUMBER_EXCEEDS_TOTAL": "The number of the piece is greater than the number of pieces.",
    "POSITION_IN_SEQUENCE_MALFORMED": "A position is written as its number, a slash and the number of all.",
    "POSITION_EXCEEDS_END": "The position is greater than the number of all.",
    "INVALID_PERCENT_SEQUENCE": "A percent sign must be followed by two hexadecimal digits.",
    "INVALID_LATITUDE": "The latitude must be between 0000000000 and 1800000000.",
    "INVALID_LONGITUDE": "The longitude must be between 0000000000 and 3600000000.",
    "LATITUDE_INVALID_LENGTH": "The latitude has ten digits.",
    "LONGITUDE_INVALID_LENGTH": "The longitude has ten digits.",
    "INVALID_MEDIA_TYPE": "This is no AIDC media type.",
    "INVALID_PACKAGE_TYPE": "This is no package type code of GS1 (UN/ECE Recommendation 21).",
}

_COUPON = {
    "GCP": "GS1 Company Prefix",
    "FUNDER": "funder ID",
    "OFFER_CODE": "offer code of six digits",
    "SAVE_VALUE": "save value",
    "SERIAL_NUMBER": "serial number",
    "RETAILER_GCP_OR_GLN": "GS1 Company Prefix or GLN of the retailer",
    "FORMAT_CODE": "format code",
    "ADDITIONAL_PURCHASE_RULES_CODE": "code of additional purchase rules",
    "SAVE_VALUE_CODE": "save value code",
    "SAVE_VALUE_APPLIES_TO_ITEM": "item that the save value applies to",
    "STORE_COUPON_FLAG": "store coupon flag",
    "DONT_MULTIPLY_FLAG": "flag against multiplying",
}
for _nth in ("1ST", "2ND", "3RD"):
    _COUPON[f"{_nth}_PURCHASE_REQUIREMENT"] = f"{_nth.lower()} purchase requirement"
    _COUPON[f"{_nth}_PURCHASE_REQUIREMENT_CODE"] = f"code of the {_nth.lower()} purchase requirement"
    _COUPON[f"{_nth}_PURCHASE_FAMILY_CODE"] = f"family code of the {_nth.lower()} purchase, of three digits"
    _COUPON[f"{_nth}_PURCHASE_GCP"] = f"GS1 Company Prefix of the {_nth.lower()} purchase"


def _coupon_messages() -> dict[str, str]:
    """Four things can be wrong with a part of a coupon code; some parts have a length indicator (VLI)."""
    found = {
        "COUPON_EXCESS_DATA": "The coupon code goes on after its last field.",
        "COUPON_TOO_SHORT_FOR_EXPIRATION_DATE": "The coupon's expiration date is cut off.",
        "COUPON_INVALID_EXIPIRATION_DATE": "The coupon's expiration date does not exist.",  # the reference's spelling
        "COUPON_TOO_SHORT_FOR_START_DATE": "The coupon's start date is cut off.",
        "COUPON_INVALID_START_DATE": "The coupon's start date does not exist.",
        "COUPON_EXPIRATION_BEFORE_START": "The coupon expires before it starts.",
    }
    for code, words in _COUPON.items():
        found |= {
            f"COUPON_MISSING_{code}": f"The coupon has no {words}.",
            f"COUPON_MISSING_{code}_VLI": f"The coupon does not say how long its {words} is.",
            f"COUPON_INVALID_{code}": f"The coupon's {words} has a value that it cannot have.",
            f"COUPON_INVALID_{code}_LENGTH": f"The coupon's {words} has a length that it cannot have.",
            f"COUPON_TRUNCATED_{code}": f"The coupon's {words} is cut off.",
        }
    return found


MESSAGES: dict[str, str] = _SYNTAX | _LINTERS | _coupon_messages()
