"""The word lists that the demo's postings are recombined from; every company in them is invented."""

from __future__ import annotations

from typing import NamedTuple


class Country(NamedTuple):
    """Where a posting may be, and how pay is written there."""

    code: str  # ISO 3166 alpha-2
    name: str
    currency: str  # ISO 4217
    sign: str  # in front of an amount
    scale: float  # yearly pay relative to the figures in FIELDS
    form: str  # legal form behind a company's name
    cities: tuple[tuple[str, str], ...]  # city, region


class Field(NamedTuple):
    """A line of work: what its postings are called and what they say."""

    key: str  # in addresses: ?field=data
    title: str
    yearly: int  # typical pay a year, thousands
    noun: str  # in company names
    roles: tuple[str, ...]
    duties: tuple[str, ...]


COUNTRIES = (
    Country("DE", "Germany", "EUR", "€", 1.0, "GmbH", (("Leipzig", "Saxony"), ("Köln", "North Rhine-Westphalia"))),
    Country("GB", "United Kingdom", "GBP", "£", 0.9, "Ltd", (("Leeds", "England"), ("Cardiff", "Wales"))),
    Country("US", "United States", "USD", "$", 1.4, "Inc.", (("Portland", "OR"), ("Columbus", "OH"), ("Austin", "TX"))),
    Country("FR", "France", "EUR", "€", 0.9, "SAS", (("Nantes", "Pays de la Loire"), ("Lyon", "Rhône"))),
    Country("ES", "Spain", "EUR", "€", 0.7, "S.L.", (("Valencia", "Valencia"), ("Málaga", "Andalusia"))),
    Country("PL", "Poland", "PLN", "zł", 2.8, "sp. z o.o.", (("Gdańsk", "Pomerania"), ("Kraków", "Lesser Poland"))),
    Country("NL", "Netherlands", "EUR", "€", 1.0, "B.V.", (("Utrecht", "Utrecht"), ("Eindhoven", "North Brabant"))),
    Country("CA", "Canada", "CAD", "CA$", 1.2, "Corp.", (("Halifax", "NS"), ("Calgary", "AB"), ("Montréal", "QC"))),
    Country("SE", "Sweden", "SEK", "kr", 9.5, "AB", (("Malmö", "Skåne"), ("Umeå", "Västerbotten"))),
)

FIELDS = (
    Field(
        "engineering",
        "Engineering",
        62,
        "Works",
        ("Backend Developer", "Embedded Engineer", "Test Engineer", "Site Reliability Engineer", "Frontend Developer"),
        (
            "You keep a service of modest size fast, boring and well tested.",
            "You review the changes of four colleagues and ask for yours to be reviewed.",
            "You take the pager one week in six and are paid extra for it.",
            "You replace a build that nobody understands by one that fits on a page.",
        ),
    ),
    Field(
        "data",
        "Data",
        60,
        "Analytics",
        ("Data Analyst", "Data Engineer", "Statistician", "Database Administrator", "Reporting Specialist"),
        (
            "You turn loose questions into queries and queries into decisions.",
            "You look after the nightly loads and know why each of them is late.",
            "You write down what every column means, and keep it true.",
            "You tell people kindly when a chart does not show what they hoped.",
        ),
    ),
    Field(
        "health",
        "Health care",
        44,
        "Clinics",
        ("Registered Nurse", "Physiotherapist", "Radiology Assistant", "Midwife", "Pharmacy Technician"),
        (
            "You plan the care of eight patients together with two colleagues.",
            "You document every visit on the same day, with time set aside for it.",
            "You explain each treatment in words that patients can repeat at home.",
            "You introduce students to the ward during their first month.",
        ),
    ),
    Field(
        "logistics",
        "Logistics",
        36,
        "Freight",
        ("Warehouse Supervisor", "Truck Driver", "Dispatcher", "Customs Clerk", "Fleet Planner"),
        (
            "You bring forty pallets a day to where they are waited for.",
            "You plan tomorrow's routes around roadworks, weather and rest times.",
            "You keep the papers of each consignment complete from gate to gate.",
            "You train new colleagues on the lift trucks and sign them off.",
        ),
    ),
    Field(
        "hospitality",
        "Hospitality",
        30,
        "Hotels",
        ("Sous Chef", "Front Desk Agent", "Pastry Cook", "Housekeeping Lead", "Event Coordinator"),
        (
            "You run your station on busy evenings and leave it clean.",
            "You greet guests by name and solve their small disasters.",
            "You order for the week, watch the waste and change the menu with the season.",
            "You set up rooms for meetings of ten to two hundred people.",
        ),
    ),
    Field(
        "office",
        "Office",
        40,
        "Services",
        ("Bookkeeper", "Payroll Clerk", "Executive Assistant", "Procurement Officer", "Translator"),
        (
            "You close the books on the fifth working day of each month.",
            "You answer the questions that suppliers and colleagues send by mail.",
            "You prepare meetings so well that they end early.",
            "You compare three offers before anything is bought, and file why.",
        ),
    ),
    Field(
        "trades",
        "Skilled trades",
        42,
        "Craft",
        ("Electrician", "Heating Engineer", "Carpenter", "Welder", "Roofer"),
        (
            "You repair, extend and test installations in homes and workshops.",
            "You read plans, measure twice and order the material yourself.",
            "You work in a crew of two and decide the day's order together.",
            "You hand over each site tidy, with the customer's signature.",
        ),
    ),
    Field(
        "education",
        "Education",
        46,
        "Academy",
        ("Maths Teacher", "Nursery Educator", "School Librarian", "Language Tutor", "Laboratory Assistant"),
        (
            "You teach groups of at most twenty and know each of them.",
            "You plan lessons with a colleague and share what worked.",
            "You talk with parents twice a year, and whenever it is needed.",
            "You look after the collection and make room for odd questions.",
        ),
    ),
)

LEVELS = ("", "", "", "Junior ", "Senior ", "Lead ", "Assistant ")
JOB_TYPES = ("Full-time", "Full-time", "Full-time", "Part-time", "Contract", "Temporary", "Internship")
FIRST_NAMES = ("Alderbrook", "Nordlicht", "Quill", "Havelmann", "Tideway", "Marrow", "Ostrava", "Pinewater", "Sundholm")
SECOND_NAMES = ("& Finch", "& Sons", "United", "Brothers", "North", "& Vale", "Collective", "Junction", "& Ferro")
OPENINGS = (
    "{company} is looking for {a} {title} to join the team in {place}.",
    "Since 1987 {company} has grown one customer at a time; now {a} {title} is missing in {place}.",
    "{company} wants {a} {title} in {place}, to start as soon as both sides are ready.",
)
WISHES = (
    "You have done this work for two years or learn quickly from those who have.",
    "You write clearly, ask early and finish what you start.",
    "You bring a finished training or a degree in the subject; another path is welcome too.",
    "You speak the language of the place well enough to joke in it.",
    "You hold a driving licence, or live close enough to do without.",
)
OFFERS = (
    "We offer thirty days of leave, planned by yourselves within the team.",
    "We pay for one course a year and for the time that it takes.",
    "We publish the shifts four weeks ahead and keep to them.",
    "We add a pension plan, a transport ticket and a decent coffee machine.",
    "We answer every application within ten days, also with a no.",
)
