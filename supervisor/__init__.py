"""Whether, when, where and for how long a scrape may run; how one is done is the business of `workers`."""

__version__ = "0.1.0"
