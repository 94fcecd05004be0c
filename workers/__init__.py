"""How one scrape is done, from an assignment to stored jobs. Scraper authors need these three names."""

from workers.records import Page, Posting
from workers.scrape import Scrape

__all__ = ["Page", "Posting", "Scrape"]
