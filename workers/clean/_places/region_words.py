"""States and provinces by country and code; the first name after a code is its usual one.

Plain data, written by hand for the countries whose postings name them. A region that is not here is kept as it was written.
"""

from __future__ import annotations

REGIONS: dict[str, str] = {
    "US": (
        "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CA Calif|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|"
        "FL Florida|FL Tampa Bay|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|"
        "MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|"
        "NM New Mexico|NY New York|NY New York State|NY NYS|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|"
        "SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WA Washington State|WV West Virginia|"
        "WI Wisconsin|WY Wyoming|DC D.C.|DC Washington DC|CA SoCal|CA Inland Empire|CA Central Valley|MN Twin Cities|VA NoVA|VA Hampton Roads|PA Lehigh Valley|NY Hudson Valley|CA NorCal|MI Mich|PA Penn|MA Mass|CA Bay Area|CA SF Bay Area|CA San Francisco Bay Area|CA Silicon Valley"
    ),
    "CA": (
        "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NL Newfoundland|NS Nova Scotia|"
        "NT Northwest Territories|NU Nunavut|ON Ontario|ON GTA|ON Golden Horseshoe|BC Lower Mainland|PE Prince Edward Island|BC Colombie-Britannique|NB Nouveau-Brunswick|NS Nouvelle-Écosse|NL Terre-Neuve-et-Labrador|PE Île-du-Prince-Édouard|"
        "QC Quebec|QC Québec|QC PQ|SK Saskatchewan|YT Yukon"
    ),
    "AU": (
        "NSW New South Wales|VIC Victoria|QLD Queensland|WA Western Australia|SA South Australia|TAS Tasmania|ACT Australian Capital Territory|"
        "NT Northern Territory"
    ),
    "GB": (
        "England England|England Midlands|England Thames Valley|England Home Counties|Scotland Scotland|Wales Wales|Northern Ireland Northern Ireland|Greater London Greater London|West Midlands West Midlands|"
        "Greater Manchester Greater Manchester|West Yorkshire West Yorkshire|South Yorkshire South Yorkshire|Merseyside Merseyside|Kent Kent|Surrey Surrey|Essex Essex|"
        "Hampshire Hampshire|Oxfordshire Oxfordshire|Cambridgeshire Cambridgeshire|Berkshire Berkshire|Hertfordshire Hertfordshire|Buckinghamshire Buckinghamshire|"
        "Lancashire Lancashire|Cheshire Cheshire|Devon Devon|Cornwall Cornwall|Dorset Dorset|Somerset Somerset|Norfolk Norfolk|Suffolk Suffolk|Fife Fife|East Sussex East Sussex|"
        "West Sussex West Sussex|Wiltshire Wiltshire|Gloucestershire Gloucestershire|Staffordshire Staffordshire|Derbyshire Derbyshire|Nottinghamshire Nottinghamshire|"
        "Leicestershire Leicestershire|Northamptonshire Northamptonshire|Warwickshire Warwickshire|Worcestershire Worcestershire|Shropshire Shropshire|Lincolnshire Lincolnshire|"
        "North Yorkshire North Yorkshire|Yorkshire Yorkshire|Tyne and Wear Tyne and Wear|Bedfordshire Bedfordshire|Cumbria Cumbria|Middlesex Middlesex"
    ),
    "DE": (
        "BW Baden-Württemberg|BY Bayern|BY Bavaria|BE Land Berlin|BB Brandenburg|HB Freie Hansestadt Bremen|HH Freie und Hansestadt Hamburg|HE Hessen|HE Hassia|HE Hesse|"
        "NI Niedersachsen|NI Lower Saxony|MV Mecklenburg-Vorpommern|NW Nordrhein-Westfalen|NW North Rhine-Westphalia|NW NRW|RP Rheinland-Pfalz|"
        "RP Rhineland-Palatinate|SL Saarland|SN Sachsen|SN Saxony|ST Sachsen-Anhalt|ST Saxony-Anhalt|SH Schleswig-Holstein|TH Thüringen|TH Thuringia"
    ),
    "IN": (
        "AP Andhra Pradesh|AR Arunachal Pradesh|AS Assam|BR Bihar|CG Chhattisgarh|DL NCT of Delhi|GA Goa|GJ Gujarat|HR Haryana|HP Himachal Pradesh|JH Jharkhand|"
        "KA Karnataka|KL Kerala|MP Madhya Pradesh|MH Maharashtra|MH Maharastra|OD Odisha|PB Indian Punjab|RJ Rajasthan|TN Tamil Nadu|TN Tamilnadu|TS Telangana|TS Telengana|"
        "UP Uttar Pradesh|UK Uttarakhand|WB West Bengal"
    ),
    "ES": "MD Comunidad de Madrid|MD Community of Madrid|CT Catalonia|CT Cataluña|CT Catalunya|AN Andalucía|AN Andalusia|PV País Vasco|PV Basque Country|GA Galicia|VC Comunidad Valenciana",
    "FR": (
        "Île-de-France Île-de-France|Bretagne Bretagne|Brittany Brittany|Occitanie Occitanie|Auvergne-Rhône-Alpes Auvergne-Rhône-Alpes|Normandie Normandie|"
        "Nouvelle-Aquitaine Nouvelle-Aquitaine|Hauts-de-France Hauts-de-France|Grand Est Grand Est|Pays de la Loire Pays de la Loire|"
        "Provence-Alpes-Côte d'Azur Provence-Alpes-Côte d'Azur|Centre-Val de Loire Centre-Val de Loire|Bourgogne-Franche-Comté Bourgogne-Franche-Comté"
    ),
    "IT": "Lombardy Lombardy|Lombardia Lombardia|Tuscany Tuscany|Toscana Toscana|Lazio Lazio|Piedmont Piedmont|Piemonte Piemonte|Veneto Veneto|Emilia-Romagna Emilia-Romagna|Sicily Sicily|Sicilia Sicilia|Campania Campania|Liguria Liguria|Puglia Puglia",
    "NL": "North Holland North Holland|Noord-Holland Noord-Holland|South Holland South Holland|Zuid-Holland Zuid-Holland|North Brabant North Brabant|Noord-Brabant Noord-Brabant|Gelderland Gelderland|Overijssel Overijssel|Zeeland Zeeland|Friesland Friesland|Limburg Dutch Limburg|Flevoland Flevoland|Drenthe Drenthe",
    "VN": "Ho Chi Minh City Ho Chi Minh City|Ho Chi Minh City (HCMC) Ho Chi Minh City (HCMC)",
    "BE": "Flanders Flanders|Vlaanderen Vlaanderen|Wallonia Wallonia|Wallonie Wallonie|Brussels-Capital Brussels-Capital",
    "BR": "Minas Gerais Minas Gerais|Paraná Paraná|Rio Grande do Sul Rio Grande do Sul|Santa Catarina Santa Catarina|Bahia Bahia|Pernambuco Pernambuco|Ceará Ceará|Goiás Goiás",
    "MX": "CDMX CDMX|Estado de México Estado de México",
    "PH": "Metro Manila Metro Manila",
    "CN": "Jiangsu Jiangsu|Zhejiang Zhejiang|Guangdong Guangdong|Shandong Shandong|Sichuan Sichuan|Hubei Hubei|Hunan Hunan|Fujian Fujian|Anhui Anhui|Henan Henan|Hebei Hebei|Liaoning Liaoning|Shaanxi Shaanxi",
    "CH": "Zug Canton of Zug|Vaud Vaud|Ticino Ticino|Aargau Aargau|Thurgau Thurgau|Valais Valais",
    "MY": "Selangor Selangor|Penang Penang|Penang Pulau Pinang|Johor Johor|Sarawak Sarawak|Sabah Sabah|Kedah Kedah|Perak Perak",
    "AT": "Tirol Tirol|Tyrol Tyrol|Steiermark Steiermark|Styria Styria|Oberösterreich Oberösterreich|Niederösterreich Niederösterreich|Vorarlberg Vorarlberg|Kärnten Kärnten|Burgenland Burgenland",
    "IE": "County Dublin County Dublin|County Cork County Cork|County Galway County Galway|Leinster Leinster|Munster Munster|Connacht Connacht",
    "NZ": "Canterbury Region Canterbury Region|Waikato Waikato|Otago Otago",
    "ZA": "Gauteng Gauteng|Western Cape Western Cape|KwaZulu-Natal KwaZulu-Natal|Eastern Cape Eastern Cape",
    "CZ": "Hlavní město Praha Hlavní město Praha|Moravskoslezský kraj Moravskoslezský kraj|Jihomoravský kraj Jihomoravský kraj",
    "SE": "Skåne Skåne|Skåne län Skåne län|Stockholms län Stockholms län|Västra Götalands län Västra Götalands län",
    "PL": "Mazowieckie Mazowieckie|Małopolskie Małopolskie|Dolnośląskie Dolnośląskie|Śląskie Śląskie|Wielkopolskie Wielkopolskie|Pomorskie Pomorskie",
}
