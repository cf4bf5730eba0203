"""Listings say whether they hold everything."""

from insights.live.facts import Listing, listing_of


def test_a_listing_of_a_known_collection_is_whole():
    listing = listing_of([1, 2, 3])

    assert (listing.items, listing.total, listing.is_whole) == ((1, 2, 3), 3, True)


def test_a_page_of_a_longer_collection_is_not_whole():
    assert not Listing(items=(1, 2), total=340).is_whole
