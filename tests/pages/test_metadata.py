"""Metadata for other sites in the head of a page: OpenGraph and JSON-LD."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import schema_org
from fieldnotes.pages.urls import PICTURE, PICTURE_SIZE
from publishing import pages
from systems import SAMPLE_NAME

if TYPE_CHECKING:
    from conftest import Built


def test_open_graph_has_a_title_a_description_and_a_picture(sample: Built) -> None:
    for page in pages(sample):
        html = sample.page(page)
        if html.select_one("meta[name=robots]"):
            continue
        shown = {tag["property"]: tag["content"] for tag in html.select("meta[property^='og:']")}
        assert shown["og:url"] == html.select_one("link[rel=canonical]")["href"]
        assert shown["og:description"] == html.select_one("meta[name=description]")["content"]
        assert shown["og:type"] == (
            "article" if html.select_one("article .standfirst, p.tags") and html.select_one("p.tags") else "website"
        )
        assert html.title.get_text().startswith(shown["og:title"])
        assert shown["og:site_name"] == SAMPLE_NAME
        assert urlsplit(shown["og:image"]).path == f"/{PICTURE}"  # public builds draw one per note
        assert shown["og:image:alt"].startswith(SAMPLE_NAME)
        data = (sample.out / PICTURE).read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == PICTURE_SIZE
        assert [int(shown[f"og:image:{side}"]) for side in ("width", "height")] == [*PICTURE_SIZE]
        assert len(data) < 80 * 1024
        assert html.select_one("meta[name='twitter:card']")["content"] == "summary_large_image"
        assert len(html.select("meta[name=description]")) == 1


def parse_linked_data(value: Any) -> Any:
    """Parse JSON-LD with models of schema.org, which accept only its types and properties."""
    if isinstance(value, list):
        return [parse_linked_data(item) for item in value]
    if not isinstance(value, dict):
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return datetime.date.fromisoformat(value)
        return value
    model = getattr(schema_org, value["@type"])
    fields = {field.alias or name: name for name, field in model.model_fields.items()}
    keys = {
        fields.get(key, key): parse_linked_data(item) for key, item in value.items() if key not in {"@type", "@context"}
    }
    return model(**keys)


@pytest.mark.slow
def test_linked_data_is_valid_and_complete_for_search_engines(sample: Built) -> None:
    kinds = set()
    for page in pages(sample):
        html = sample.page(page)
        linked = [json.loads(script.string) for script in html.select("script[type='application/ld+json']")]
        by_type = {data["@type"]: data for data in linked}
        kinds |= set(by_type)
        for data in by_type.values():
            assert data["@context"] == "https://schema.org"
            parse_linked_data(data)
        trail = html.select(".trail li")
        assert ("BreadcrumbList" in by_type) == bool(trail)
        if trail:
            steps = by_type["BreadcrumbList"]["itemListElement"]
            assert [step["position"] for step in steps] == list(range(1, len(trail) + 1))
            assert [step["name"] for step in steps] == [step.get_text() for step in trail]
            assert steps[-1]["item"]["@id"] == html.select_one("link[rel=canonical]")["href"]
        assert ("Article" in by_type) == bool(html.select("p.tags"))
        if "Article" in by_type:  # https://developers.google.com/search/docs/appearance/structured-data/article
            article = by_type["Article"]
            authors = article["author"] if isinstance(article["author"], list) else [article["author"]]
            assert {"Person"} == {author["@type"] for author in authors}
            assert "Ada Sample" in [author["name"] for author in authors]
            assert article["publisher"]["name"] == SAMPLE_NAME
            assert article["publisher"]["sameAs"] == ["https://forum.example.org/@journal"]
            assert article["license"] == "https://creativecommons.org/licenses/by/4.0/"
            assert article["headline"] == html.h1.contents[0]
            assert datetime.date.fromisoformat(article["datePublished"]) <= datetime.date.fromisoformat(
                article["dateModified"]
            )
            assert article["image"]["url"] == html.select_one("meta[property='og:image']")["content"]
            assert article["wordCount"] > 20
    assert kinds == {"Article", "BreadcrumbList", "WebSite"}


@pytest.mark.slow
def test_schema_org_models_reject_unknown_types_and_properties() -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        parse_linked_data({"@type": "Article", "head-line": "x"})
    with pytest.raises(AttributeError):
        parse_linked_data({"@type": "Artikel"})
