"""Larger cities by country and, where it is commonly written, region code: "City=Alias=Alias, City; REGION: City".

Plain data, written by hand: no gazetteer. It decides the country of a bare city, two-letter codes ("Dublin, IE") and lists
of towns; a city that is not here is kept as it was written. Of equal names the one that postings usually mean is listed.
"""

from __future__ import annotations

CITIES: dict[str, str] = {
    "US": (
        "AL: Huntsville, Mobile, Montgomery; AK: Anchorage; AZ: Phoenix=PHX, Tempe, Scottsdale, Tucson, Chandler, Mesa, Gilbert, Tolleson; AR: Little Rock, Bentonville, Fayetteville; "
        "CA: San Francisco=SF=San Fransisco=S.F.=SFO, Los Angeles=LA=L.A.=LAX, San Diego, San Jose, Oakland, Palo Alto, Mountain View, Menlo Park, Sunnyvale, Santa Clara, Santa Monica, Cupertino, "
        "Redwood City, San Mateo, South San Francisco, Berkeley, Fremont, Irvine, Costa Mesa, El Segundo, Long Beach, Sacramento, Pleasanton, Foster City, Culver City, Burbank, Pasadena, San Carlos, "
        "Santa Barbara, Carlsbad, Anaheim, Fresno, Bakersfield, Marina del Rey, San Bruno, Emeryville, Hawthorne, Torrance, Milpitas, Santa Ana, Rocklin; "
        "CO: Denver, Boulder, Colorado Springs, Broomfield, Fort Collins, Littleton; CT: Hartford, Stamford, New Haven, Greenwich; DE: Wilmington; "
        "DC: Washington=Washington DC=Washington D.C.=Washington D C=Washington City=WDC=Wash DC; "
        "FL: Miami, Orlando, Tampa, Jacksonville, Fort Lauderdale=Ft. Lauderdale, Boca Raton, West Palm Beach, Tallahassee; GA: Atlanta=ATL, Alpharetta, Savannah, Augusta; HI: Honolulu; ID: Boise; "
        "IL: Chicago=CHI, Evanston, Naperville, Schaumburg; IN: Indianapolis=Indy, Fort Wayne; IA: Des Moines; KS: Wichita, Overland Park; KY: Louisville, Lexington; LA: New Orleans=NOLA, Baton Rouge; "
        "MD: Baltimore, Bethesda, Annapolis, Rockville; MA: Boston=BOS, Waltham, Somerville, Framingham; MI: Detroit, Ann Arbor, Grand Rapids; "
        "MN: Minneapolis, Saint Paul=St. Paul; MS: Tupelo; MO: Kansas City=KC=KCMO, St. Louis=Saint Louis=St Louis; NE: Omaha, Lincoln; NV: Las Vegas=Vegas, Reno; NH: Nashua; "
        "NJ: Jersey City, Hoboken, Newark, Princeton; NM: Albuquerque, Santa Fe; NY: New York=NYC=New York City=N.Y.C., Brooklyn, Manhattan, Queens, Bronx, Staten Island, Buffalo, Albany, Rochester, Syracuse, White Plains; "
        "NC: Charlotte, Raleigh, Durham, Greensboro, Winston-Salem, Cary; OH: Columbus, Cleveland, Cincinnati, Dayton, Akron, Toledo; OK: Oklahoma City=OKC, Tulsa; "
        "OR: Portland, Eugene, Hillsboro, Beaverton; PA: Philadelphia=Philly, Pittsburgh, Malvern, Allentown; RI: Providence; SC: Charleston, Greenville; TN: Nashville, Memphis, Knoxville, Chattanooga; "
        "TX: Austin=ATX, Dallas, Houston, San Antonio, Fort Worth, Plano, Irving, Frisco, El Paso, Round Rock, Dallas-Fort Worth=DFW=Dallas/Fort Worth=Dallas/FT Worth=Dallas/Ft. Worth; UT: Salt Lake City=SLC, Lehi, Provo, Draper, Tooele; "
        "VT: Burlington; VA: Richmond, Arlington, Reston, McLean, Herndon, Chantilly, Alexandria, Virginia Beach; WA: Seattle=SEA, Bellevue, Redmond, Kirkland, Tacoma, Spokane, Bothell; "
        "WI: Madison, Milwaukee"
    ),
    "CA": (
        "ON: Toronto=YYZ, Ottawa, Mississauga, Waterloo, Kitchener, Hamilton, Markham; BC: Vancouver, Victoria, Burnaby, Surrey; QC: Montreal=Montréal=Ville de Montréal, Quebec City=Québec City=Ville de Québec, Laval; "
        "AB: Calgary, Edmonton; MB: Winnipeg; NS: Halifax; SK: Regina, Saskatoon; NB: Fredericton, Moncton"
    ),
    "GB": (
        "England: London=LDN=City of London=City of London Corporation=Greater London, Manchester, Birmingham, Leeds, Liverpool, Bristol, Sheffield, Newcastle=Newcastle upon Tyne, Nottingham, Cambridge, Oxford, Reading, Brighton, "
        "Leicester, Coventry, Southampton, Portsmouth, Milton Keynes, Bath, York, Exeter, Plymouth, Guildford, Slough, Norwich, Derby, Worcester, Swindon, Luton, Hull, Bradford, Stoke-on-Trent, Sunderland, Wolverhampton, Cheltenham; "
        "Scotland: Edinburgh, Glasgow, Aberdeen, Dundee; Wales: Cardiff, Swansea; Northern Ireland: Belfast"
    ),
    "IE": "Dublin, Cork, Galway, Limerick, Waterford",
    "DE": (
        "Berlin, München=Munich=Muenchen, Hamburg, Frankfurt=Frankfurt am Main=Frankfurt/Main=Frankfurt a.M.=Frankfurt a. M.=Frankfurt/M., Köln=Cologne=Koeln, Stuttgart, Düsseldorf=Dusseldorf=Duesseldorf, Leipzig, Dresden, Nürnberg=Nuremberg=Nuernberg, Hannover=Hanover, "
        "Bremen, Dortmund, Essen, Bonn, Karlsruhe, Mannheim, Augsburg, Wiesbaden, Mainz, Münster=Muenster, Heidelberg, Potsdam, Darmstadt, Aachen, Kiel, Freiburg, Ulm, Regensburg, Erlangen, Ingolstadt, Wolfsburg, Rostock, Kassel, "
        "Bochum, Duisburg, Wuppertal, Bielefeld, Braunschweig, Magdeburg, Erfurt, Jena, Walldorf, Saarbrücken, Lübeck, Halle, Würzburg, Chemnitz, Traunstein, Wasserburg, Landshut, Reutlingen, Ludwigsburg"
    ),
    "FR": "Paris, Lyon, Marseille, Toulouse, Nice, Nantes, Strasbourg, Montpellier, Bordeaux, Lille, Rennes, Grenoble, Rouen, Le Mans, Sophia Antipolis, Courbevoie, La Défense, Boulogne-Billancourt, Dijon, Angers, Reims, Tours, Metz, Nancy, Clermont-Ferrand, Aix-en-Provence, Brest, Orléans, Levallois-Perret, Massy, Saint-Denis",
    "ES": "Madrid, Barcelona, Valencia=València, Sevilla=Seville, Málaga=Malaga, Bilbao, Zaragoza, Granada, Alicante, Palma, Las Palmas, Murcia, A Coruña, Vigo, Alcobendas, San Sebastián, Valladolid, Santander",
    "PT": "Lisboa=Lisbon, Porto=Oporto, Braga, Coimbra, Aveiro, Faro, Ovar, Évora, Setúbal",
    "IT": "Milano=Milan=Mailand, Roma=Rome=Rom, Torino=Turin, Napoli=Naples, Bologna, Firenze=Florence=Florenz, Genova=Genoa, Venezia=Venice, Verona, Padova=Padua, Bari, Palermo, Catania, Trieste, Modena, Parma, Brescia, Bergamo, Pisa",
    "NL": "Amsterdam, Rotterdam, Den Haag=The Hague='s-Gravenhage, Utrecht, Eindhoven, Groningen, Delft, Leiden, Haarlem, Arnhem, Nijmegen, Tilburg, Breda, Maastricht, Almere, Hilversum, Enschede, Zwolle, Amersfoort, Deventer, Den Bosch='s-Hertogenbosch",
    "BE": "Brussels=Bruxelles=Brussel=Brüssel, Antwerpen=Antwerp=Anvers, Gent=Ghent=Gand, Leuven, Liège, Mechelen, Brugge=Bruges, Namur, Charleroi, Hasselt, Louvain-la-Neuve, Zaventem",
    "LU": "Luxembourg City",
    "CH": "Zürich=Zurich=Zuerich, Genève=Geneva=Genf=Geneve, Basel=Bâle, Bern=Berne, Lausanne, Zug, Luzern=Lucerne, Winterthur, St. Gallen=Sankt Gallen, Lugano, Fribourg, Neuchâtel, Baden",
    "AT": "Wien=Vienna=Vienne, Graz, Linz, Salzburg, Innsbruck, Klagenfurt, Hallein, Villach, Wels, Dornbirn",
    "CZ": (
        "Praha=Prague=Prag, Brno=Brünn, Ostrava, Plzeň=Pilsen, Olomouc, Liberec, Hradec Králové, Pardubice, České Budějovice, Zlín, Jihlava, Vsetín, Uherské Hradiště, Karlovy Vary, Ústí nad Labem, Mladá Boleslav, Kladno, Opava, Teplice"
    ),
    "SK": "Bratislava, Košice=Kosice, Žilina, Nitra, Prešov, Banská Bystrica, Trnava, Trenčín",
    "PL": "Warszawa=Warsaw=Warschau=Varsovie, Kraków=Krakow=Cracow=Krakau, Wrocław=Wroclaw=Breslau, Gdańsk=Gdansk, Poznań=Poznan, Łódź=Lodz, Katowice, Gdynia, Lublin, Szczecin, Rzeszów, Bydgoszcz, Białystok, Toruń, Gliwice, Sopot, Bielsko-Biała, Kielce, Opole",
    "HU": "Budapest, Debrecen, Szeged, Miskolc, Pécs, Győr, Hatvan, Székesfehérvár",
    "RO": "București=Bucharest=Bucuresti=Bukarest, Cluj-Napoca=Cluj, Timișoara=Timisoara=Timişoara, Iași=Iasi=Iaşi, Brașov=Brasov, Sibiu, Constanța, Craiova, Oradea",
    "BG": "Sofia=София, Plovdiv, Varna, Burgas",
    "GR": "Athens=Athina=Αθήνα=Athen, Thessaloniki, Patras, Heraklion",
    "SE": "Stockholm, Göteborg=Gothenburg, Malmö=Malmo, Uppsala, Linköping, Lund, Västerås, Örebro, Solna, Umeå, Helsingborg, Jönköping, Norrköping, Luleå, Kista",
    "NO": "Oslo, Bergen, Trondheim, Stavanger, Tromsø, Drammen, Kristiansand",
    "DK": "København=Copenhagen=Kopenhagen=Copenhague, Aarhus=Århus, Odense, Aalborg, Ballerup, Kongens Lyngby, Herning, Esbjerg",
    "FI": "Helsinki=Helsingfors, Espoo, Tampere, Oulu, Turku, Vantaa, Jyväskylä",
    "IS": "Reykjavik=Reykjavík",
    "EE": "Tallinn, Tartu",
    "LV": "Riga=Rīga",
    "LT": "Vilnius, Kaunas, Klaipėda",
    "UA": "Kyiv=Kiev=Київ=Киев, Lviv=Львів, Kharkiv, Odesa=Odessa, Dnipro",
    "RU": "Moscow=Москва=Moskva=Moskau, Saint Petersburg=St. Petersburg=Санкт-Петербург=St Petersburg, Novosibirsk, Yekaterinburg, Kazan",
    "BY": "Minsk=Минск",
    "RS": "Beograd=Belgrade=Београд, Novi Sad, Niš",
    "HR": "Zagreb, Split, Rijeka, Osijek, Zadar",
    "SI": "Ljubljana, Maribor, Kranj",
    "BA": "Sarajevo, Banja Luka, Mostar",
    "MK": "Skopje",
    "ME": "Podgorica",
    "AL": "Tirana=Tiranë",
    "XK": "Pristina=Prishtina",
    "MD": "Chișinău=Chisinau",
    "CY": "Nicosia, Limassol, Larnaca",
    "MT": "Valletta, Sliema, St. Julian's=St Julians",
    "TR": "İstanbul=Istanbul, Ankara, İzmir=Izmir, Bursa, Antalya, Kocaeli, Gaziantep, Samsun, Adana",
    "GE": "Tbilisi, Batumi",
    "AM": "Yerevan",
    "AZ": "Baku",
    "KZ": "Almaty, Astana=Nur-Sultan",
    "KG": "Bishkek",
    "UZ": "Tashkent",
    "IL": "Tel Aviv=TLV=Tel Aviv-Yafo=Tel Aviv-Yafo Municipality=Tel Aviv-Yafo District=Tel Aviv District=Tel-Aviv, Jerusalem, Haifa, Herzliya, Petah Tikva, Yokneam, Ra'anana, Netanya, Be'er Sheva",
    "AE": "Dubai, Abu Dhabi, Sharjah",
    "SA": "Riyadh, Jeddah, Dammam, Mecca",
    "QA": "Doha",
    "BH": "Manama",
    "KW": "Kuwait City",
    "OM": "Muscat",
    "JO": "Amman",
    "LB": "Beirut",
    "IQ": "Baghdad, Erbil",
    "IR": "Tehran",
    "EG": "Cairo, Giza, Maadi, New Cairo",
    "MA": "Casablanca, Rabat, Marrakech=Marrakesh, Tangier",
    "TN": "Tunis",
    "DZ": "Algiers",
    "NG": "Lagos, Abuja, Ikeja",
    "GH": "Accra",
    "KE": "Nairobi, Mombasa",
    "UG": "Kampala",
    "RW": "Kigali",
    "TZ": "Dar es Salaam",
    "ET": "Addis Ababa",
    "SN": "Dakar",
    "CI": "Abidjan",
    "ZA": "Johannesburg=Joburg, Cape Town, Pretoria, Durban, Sandton, Stellenbosch",
    "MU": "Port Louis",
    "IN": (
        "KA: Bengaluru=Bangalore=Banglore=Bengalore=BLR, Mysore=Mysuru; MH: Mumbai=Bombay, Pune, Nashik, Nagpur, Thane, Navi Mumbai; DL: New Delhi=Delhi=Delhi NCR; HR: Gurgaon=Gurugram=Gurugaon; UP: Noida, Lucknow, Greater Noida; "
        "TS: Hyderabad=HYD; TN: Chennai=Madras, Coimbatore; WB: Kolkata=Calcutta; GJ: Ahmedabad, Vadodara, Sanand; RJ: Jaipur; KL: Kochi=Cochin, Trivandrum=Thiruvananthapuram; PB: Mohali; CH: Chandigarh; MP: Indore, Bhopal; OD: Bhubaneswar; AP: Visakhapatnam"
    ),
    "PK": "Karachi, Lahore, Islamabad, Rawalpindi",
    "BD": "Dhaka",
    "LK": "Colombo",
    "NP": "Kathmandu",
    "CN": (
        "Beijing=北京=Peking, Shanghai=上海, Shenzhen=深圳, Guangzhou=广州, Hangzhou=杭州, Chengdu=成都, Suzhou=苏州, Nanjing=南京, Wuhan=武汉, Xi'an=Xian=Xi An=西安, Tianjin=天津, Chongqing=重庆, Wuxi=无锡, Changsha=长沙, Jinan=济南, Qingdao=青岛, Dalian=大连, Xiamen=厦门, Hefei, Ningbo, Dongguan, Zhuhai"
    ),
    "HK": "Kowloon",
    "TW": "Taipei=台北=Taipei City, Hsinchu, Taichung, Kaohsiung, Tainan, New Taipei",
    "JP": "Tokyo=東京=Tōkyō, Osaka=大阪, Kyoto=京都, Yokohama=横浜, Nagoya=名古屋, Fukuoka=福岡, Kobe, Sapporo, Sendai, Kawasaki",
    "KR": "Seoul=서울, Busan, Pangyo, Incheon, Daejeon, Seongnam",
    "SG": "Singapore City",
    "MY": "Kuala Lumpur=KL, Petaling Jaya, Penang=George Town, Johor Bahru, Cyberjaya, Bayan Lepas, Kulim, Shah Alam",
    "TH": "Bangkok=BKK=กรุงเทพ, Chiang Mai, Phuket, Rayong",
    "VN": "Ho Chi Minh City=Ho Chi Minh=HCMC=Hồ Chí Minh=Thành phố Hồ Chí Minh=Saigon=TP HCM=TP. Hồ Chí Minh, Hanoi=Ha Noi=Hà Nội, Da Nang=Đà Nẵng, Đồng Nai=Dong Nai, Haiphong",
    "PH": "Manila=Metro Manila, Makati=Makati City, Taguig=Taguig City=BGC, Cebu=Cebu City, Quezon City, Pasig, Davao",
    "ID": "Jakarta=DKI Jakarta, Bandung, Surabaya, Bekasi, Yogyakarta, Bali, Denpasar, Medan",
    "KH": "Phnom Penh",
    "MM": "Yangon",
    "AU": "NSW: Sydney; VIC: Melbourne; QLD: Brisbane, Gold Coast; WA: Perth; SA: Adelaide; ACT: Canberra; TAS: Hobart; NT: Darwin",
    "NZ": "Auckland, Wellington, Christchurch, Dunedin",
    "MX": "Mexico City=Ciudad de México=Ciudad de Mexico=CDMX=Mexico D.F.=México D.F., Guadalajara, Monterrey, Tijuana, Querétaro=Queretaro, Puebla, Celaya, Cancún, Ciudad Juárez, Mexicali, Aguascalientes",
    "BR": "São Paulo=Sao Paulo, Rio de Janeiro, Belo Horizonte, Curitiba, Porto Alegre, Recife, Brasília=Brasilia, Florianópolis=Florianopolis, Campinas, Salvador, Fortaleza, Joinville, Sorocaba, Manaus",
    "AR": "Buenos Aires=Ciudad Autónoma de Buenos Aires=CABA, Córdoba=Cordoba, Rosario, Mendoza",
    "CL": "Santiago=Santiago de Chile, Antofagasta, Valparaíso, Concepción",
    "CO": "Bogotá=Bogota=Bogotá D.C.=Bogota D.C., Medellín=Medellin, Cali, Barranquilla, Cartagena, Bucaramanga",
    "PE": "Lima, Arequipa",
    "UY": "Montevideo",
    "EC": "Quito, Guayaquil",
    "PY": "Asunción=Asuncion",
    "BO": "La Paz, Santa Cruz de la Sierra",
    "VE": "Caracas",
    "CR": "Heredia",
    "PA": "Panama City=Ciudad de Panamá",
    "GT": "Guatemala City=Ciudad de Guatemala",
    "SV": "San Salvador",
    "HN": "Tegucigalpa, San Pedro Sula",
    "NI": "Managua",
    "DO": "Santo Domingo",
    "PR": "San Juan",
    "JM": "Kingston",
}
