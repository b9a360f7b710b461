"""What a report says of its own figures: a custom XML part inside the file.

Each figure stands in a content control that is bound to its entry here and carried by a
bookmark. The binding and the bookmark survive LibreOffice and back; a tag alone does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.package import Package
from lxml import etree

NAMESPACE = "urn:sanneng:figures:1"
STORE_ID = "{5A6E6E65-6E67-4649-8755-524553303031}"
# The bookmark around a figure in the text, and around an indicator's value in the annex.
BOOKMARK, ROW_BOOKMARK = "fig_", "row_"
_PROPS = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_PROPS_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_PROPS_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXmlProps"
_NAME = "/customXml/itemSanneng.xml"


@dataclass(frozen=True)
class ReportFigure:
    """A figure of a report: ``text`` is what stands there, the rest is where it comes from.

    ``asked`` is the period asked for ("since 2020") or empty for the indicator's own;
    ``period`` the days covered; ``digest`` the SHA-256 of the record set; times are ISO text.
    """

    id: str
    indicator: str
    version: str
    asked: str
    period: str
    as_of: str
    value: str
    unit: str
    text: str
    records: str
    digest: str
    school: str
    made_at: str
    numerator: str = ""
    denominator: str = ""


def xpath(figure_id: str) -> str:
    """The binding of a content control to its figure."""
    return f"/s:figures[1]/s:figure[s:id='{figure_id}'][1]/s:text[1]"


def add_manifest(package: Package, figures: Iterable[ReportFigure]) -> None:
    """Put ``figures`` into the file, in place of any manifest that it has."""
    root = etree.Element(f"{{{NAMESPACE}}}figures", nsmap={"s": NAMESPACE})
    for figure in figures:
        node = etree.SubElement(root, f"{{{NAMESPACE}}}figure")
        for name, value in asdict(figure).items():
            # Elements, not attributes: LibreOffice keeps only the former.
            etree.SubElement(node, f"{{{NAMESPACE}}}{name}").text = value
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    props = etree.Element(f"{{{_PROPS}}}datastoreItem", nsmap={"ds": _PROPS})
    props.set(f"{{{_PROPS}}}itemID", STORE_ID)
    schemas = etree.SubElement(props, f"{{{_PROPS}}}schemaRefs")
    etree.SubElement(schemas, f"{{{_PROPS}}}schemaRef").set(f"{{{_PROPS}}}uri", NAMESPACE)
    described = etree.tostring(props, xml_declaration=True, encoding="UTF-8", standalone=True)
    main = package.main_document_part
    item = Part(PackURI(_NAME), "application/xml", content, package)
    props_part = Part(PackURI("/customXml/itemPropsSanneng.xml"), _PROPS_TYPE, described, package)
    item.relate_to(props_part, _PROPS_LINK)
    main.relate_to(item, RELATIONSHIP_TYPE.CUSTOM_XML)


def read_manifest(package: Package) -> list[ReportFigure]:
    """The figures that a file says it has; found by namespace, as programs rename the part."""
    for part in package.iter_parts():
        if "customXml" in str(part.partname) and NAMESPACE.encode() in part.blob:
            root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False))
            if root.tag == f"{{{NAMESPACE}}}figures":
                names = [one.name for one in fields(ReportFigure)]
                return [
                    ReportFigure(**{name: _said(node, name) for name in names}) for node in root
                ]
    return []


def _said(node: etree._Element, name: str) -> str:
    return node.findtext(f"{{{NAMESPACE}}}{name}") or ""
