"""GS1 syntax and the GPC in the graph."""

from datetime import date
from decimal import Decimal

from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models import gpc as models
from closient_gql.core.models.gpc import GpcLevel
from resolvers.products import gpc, gs1
from resolvers.products.gs1 import Gs1Form
from schema.declare import Query, adopt_enum, adopt_input, column, extend, reference, relation, root, value
from schema.products.types import Product
from schema.scalars import AiValues

adopt_enum(Gs1Form, "Forms that GS1 data is written in.")
adopt_enum(GpcLevel, "Levels of the GS1 Global Product Classification.")
adopt_input(gs1.Gs1ElementIn, "Gs1ElementInput", "An Application Identifier with its value.")


@value(gs1.DigitalLinkParts, says="What the path of a Digital Link URL says.")
class DigitalLinkParts:
    is_valid: bool = column("Whether the path has /01/ and a GTIN whose check digit is right. Nothing else is checked.")
    url: str = column("The URL as it was given.")
    gtin: Gtin | None = column("The GTIN, as 14 digits.")
    lot: str | None = column("Batch or lot: AI 10 in the path.")
    expiry: str | None = column("Expiry: AI 17 in the path, YYMMDD, as it is written.")
    serial: str | None = column("Serial number: AI 21 in the path.")
    raw_ais: AiValues = column("Every AI of the path with its value, percent-decoded; empty if it is not valid.")


@value(gs1.Gs1Element, says="An Application Identifier with its value.")
class Gs1Element:
    ai: str = column("The Application Identifier, without brackets.")
    value: str = column("Its value, without brackets, separators or percent encoding.")
    title: str = column("What it stands for, in the words of the GS1 Barcode Syntax Dictionary.")
    day: date | None = column("Of a date: the day; day 00 is the last of the month. Null in the year 0000.")
    amount: Decimal | None = column("Of a measure or of money: the amount, its decimals in place.")
    unit: str | None = column("Of a measure: UN/ECE Recommendation 20 code; null where the AI leaves it open (357n).")
    currency: str | None = column("Of money: ISO 4217 numeric code; null where the AI leaves the currency open.")


@value(gs1.Gs1Problem, says="One thing that is wrong with GS1 data.")
class Gs1Problem:
    code: str = column("Stable name of what is wrong, in capitals.")
    message: str = column("The same in words.")
    ai: str | None = column("The Application Identifier that it is about, if it is about one.")
    start: int | None = column("Where it begins: in the AI's value, or in the text where there is no AI; from 0.")
    end: int | None = column("The place behind it.")


@value(gs1.Gs1Forms, says="The same identifier in every form that it has.")
class Gs1Forms:
    bracketed: str = column("AI text for people: (01)09506000134352(10)ABC.")
    element_string: str = column("For barcodes: without brackets, GS (ASCII 29) where a length is not predefined.")
    gtin: Gtin | None = column("The GTIN in it.")
    company_prefix: str | None = column(
        "The GS1 Company Prefix of the GTIN; null where it is not known, never guessed."
    )
    digital_link: str | None = column(
        "GS1 Digital Link URI; null without a primary key, or with AIs that it cannot say."
    )
    compressed_link: str | None = column("The same, compressed.")
    epc_urn: str | None = column("EPC URN; null where there is none, or the length of the company prefix is not known.")


@value(gs1.Gs1Reading, says="What GS1 data says, and what is wrong with it.")
class Gs1Reading:
    text: str = column("The text as it was given.")
    is_valid: bool = column("Whether everything about it is right.")
    form: Gs1Form | None = column("How it is written; null where it cannot be read.")
    symbology: str | None = column("Of scan data: the symbology that its identifier stands for.")
    elements: list[Gs1Element] = column("Its Application Identifiers, in their order.")
    problems: list[Gs1Problem] = column("What is wrong: the first error of syntax, or every wrong combination of AIs.")
    forms: Gs1Forms | None = column("The same in other forms, if it can be read.")


@value(models.GpcCategory, says="A node of the GS1 Global Product Classification.")
class GpcCategory:
    code: str = column("Eight digits.")
    level: GpcLevel = column("Segment, family, class or brick.")
    title: str = column("Name, as the release that is loaded has it.")
    definition: str = column("What belongs to it and what does not; empty if unknown.")
    parent: "GpcCategory | None" = reference("parent_code", gpc.categories_by_code, "The node above it.")
    children: list["GpcCategory"] = relation(gpc.children_of, "The nodes below it, by code.", size=20)


@extend(Product)
class ProductGpc:
    gpc_brick: GpcCategory | None = reference(
        "gpc_brick_code", gpc.categories_by_code, "Its GPC brick; null if unknown, or no release of the GPC is loaded."
    )


@extend(Query)
class Gs1Queries:
    digital_link_parse: DigitalLinkParts | None = root(
        gs1.parse_digital_link, "A Digital Link URL taken apart, leniently. gs1Parse checks everything."
    )
    gs1_parse: Gs1Reading | None = root(gs1.parse_gs1, "GS1 data of any form, read and checked.")
    gs1_build: Gs1Forms | None = root(gs1.build_gs1, "Application Identifiers, checked and written in every form.")
    gpc_category: GpcCategory | None = root(gpc.category, "What a GPC code stands for.")
    gpc_segments: list[GpcCategory] | None = root(gpc.segments, "The segments of the GPC that is loaded.", size=50)
