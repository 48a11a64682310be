from __future__ import annotations

from app.analysis.text.service_tags import SERVICE_TAGS, service_tag
from tests.helpers import umi


def test_every_service_of_the_shipped_profile_has_a_tag_of_its_own() -> None:
    assert {service.name for service in umi.shipped("reference-1").services.values()} <= SERVICE_TAGS.keys()
    assert len(set(SERVICE_TAGS.values())) == len(SERVICE_TAGS)
    assert all(len(tag) == 2 and tag.isupper() for tag in SERVICE_TAGS.values())


def test_a_service_without_a_tag_is_not_cut_to_two_letters() -> None:
    assert service_tag("weather") == ""
    assert service_tag("7") == ""
