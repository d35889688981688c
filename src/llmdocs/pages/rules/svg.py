"""An SVG file as the site publishes it: a picture and nothing else, also where it is opened alone.

A page's Content-Security-Policy does not hold for a file that a reader opens by its own address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

NAMESPACE = "{http://www.w3.org/2000/svg}"
TAGS = (
    "svg title desc defs g symbol style marker path rect circle ellipse line polyline polygon text "
    "tspan linearGradient radialGradient stop clipPath mask pattern"
)
ATTRIBUTES = (
    "id class role lang x y x1 y1 x2 y2 cx cy r rx ry dx dy fx fy d points width height viewBox "
    "preserveAspectRatio transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity "
    "stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity "
    "font-family font-size font-weight font-style letter-spacing text-anchor dominant-baseline "
    "offset stop-color stop-opacity gradientUnits gradientTransform patternUnits clip-path "
    "clip-rule clipPathUnits mask marker-start marker-mid marker-end refX refY markerWidth "
    "markerHeight markerUnits orient aria-label aria-labelledby aria-hidden color"
)
# What an XML parser would act on before there is a picture: entities, style sheets.
ACTED_ON = re.compile(
    r"""<![A-Z[]|<\?(?!xml version="1\.0"(?: encoding="UTF-8")?\?>)""", re.IGNORECASE
)
# Of a style, what loads something: a name within the file may stay, as in `url(#tip)`.
LOADS = re.compile(r"url\((?!#[\w-]+\))|@|expression|\\|image\(|image-set", re.IGNORECASE)


def problems(text: str) -> Iterator[tuple[int, str]]:
    """What the file holds that no picture needs, each with its line."""
    if match := ACTED_ON.search(text):
        yield _line(text, match.start()), f"{match[0]!r} is more than a picture needs; take it out."
        return
    root: ElementTree.Element
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        yield error.position[0], f"this is no SVG: {error}."
        return
    for element in root.iter():
        tag = element.tag.removeprefix(NAMESPACE)
        for problem in _element(tag, element):
            name = re.escape(tag.rpartition("}")[2])
            place = re.search(rf"<(?:[\w.-]++:)?+{name}\b", text)
            yield _line(text, place.start() if place else 0), problem


def _element(tag: str, element: ElementTree.Element) -> Iterator[str]:
    if tag not in TAGS.split():
        tags = ", ".join(sorted(TAGS.split()))
        yield f"<{tag}> is no part of a picture here. The tags are: {tags}."
        return
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES.split():
            yield f"<{tag}> has the attribute {name!r}, which no picture needs; take it out."
        elif LOADS.search(value):
            yield f"{name}={value!r} loads something; name what is in the file, as url(#name)."
    if tag == "style" and (match := LOADS.search("".join(element.itertext()))):
        yield f"the style holds {match[0]!r}, which loads something; take it out."


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
