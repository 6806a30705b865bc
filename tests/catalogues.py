"""Reads a DCAT-AP-NL description with an RDF library of others, and holds it to what the profile makes mandatory.

The lists are those of the shapes of DCAT-AP 3.0.1 and DCAT-AP-NL 3.0 (sh:minCount 1), with what they say of classes.
"""

from __future__ import annotations

from rdflib import RDF, Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, Namespace

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_OF_A_DATASET = (
    DCTERMS.accessRights,
    DCAT.contactPoint,
    DCTERMS.creator,
    DCTERMS.identifier,
    DCAT.theme,
    DCAT.distribution,
)
MANDATORY = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.dataset),
    DCAT.Dataset: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, *_OF_A_DATASET),
    DCAT.Distribution: (DCAT.accessURL, DCTERMS.license, DCAT.downloadURL, DCAT.mediaType),
    FOAF.Agent: (FOAF.name,),
    VCARD.Kind: (VCARD.fn, VCARD.hasURL),
}
CLASSES = {
    DCTERMS.publisher: FOAF.Agent,
    DCTERMS.creator: FOAF.Agent,
    DCAT.contactPoint: VCARD.Kind,
    DCAT.dataset: DCAT.Dataset,
    DCAT.distribution: DCAT.Distribution,
}


def read_catalogue(text: str | bytes, address: str = "https://voorbeeld.example/") -> Graph:
    """Read it as it would stand at an address, and assert that nothing which the profile asks for is absent."""
    graph = Graph()
    graph.parse(data=text, format="json-ld", publicID=address)
    for kind, wanted in MANDATORY.items():
        found = list(graph.subjects(RDF.type, kind))
        assert found, kind
        lacking = [(node, name) for node in found for name in wanted if graph.value(node, name) is None]
        assert lacking == []
    for name, kind in CLASSES.items():
        assert [node for node in graph.objects(None, name) if (node, RDF.type, kind) not in graph] == [], name
    for name in (DCAT.accessURL, DCAT.downloadURL, DCTERMS.license, DCAT.theme, DCTERMS.accessRights):
        assert all(isinstance(node, URIRef) and "://" in node for node in graph.objects(None, name)), name
    return graph
