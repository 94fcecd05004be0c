"""Signs, codes and words of pay; plain data. A sign that several countries share ("$", "kr") names no currency."""

from __future__ import annotations

CODES = (
    "AED AFN ALL AMD AOA ARS AUD AZN BAM BDT BGN BHD BND BOB BRL BWP BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP ETB EUR GBP GEL GHS "
    "GTQ HKD HNL HRK HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KRW KWD KZT LAK LBP LKR MAD MDL MKD MMK MNT MOP MUR MXN MYR NAD NGN "
    "NIO NOK NPR NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SEK SGD THB TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND XAF XOF ZAR ZMW"
)

# codes that are English words too: only in capitals, and not beside a small count
WORDY_CODES = "ALL AMD ANG BAM BOB CUP COP GEL LAK MAD MOP NIO PEN SOS TOP TRY"

# folded spelling -> ISO 4217, or "" for a sign that several countries share or that is no country's
SIGNS: dict[str, str] = {
    **dict.fromkeys(("us$", "us $", "u.s.$", "u.s. $", "u.s $", "usd$", "$us", "$ usd", "$usd", "usd $", "u$s"), "USD"),
    **dict.fromkeys(("us dollars", "us dollar", "u.s. dollars", "united states dollars", "american dollars"), "USD"),
    **dict.fromkeys(("ca$", "ca $", "c$", "c $", "can$", "can $", "cad$", "cad $", "$cad", "$ cad", "cdn$", "cdn $", "$ ca"), "CAD"),
    **dict.fromkeys(("canadian dollars", "canadian dollar", "$ca"), "CAD"),
    **dict.fromkeys(("au$", "au $", "a$", "aud$", "aud $", "$aud", "$ aud", "australian dollars", "australian dollar"), "AUD"),
    **dict.fromkeys(("nz$", "nz $", "nzd$", "nzd $", "$nzd", "$ nzd", "new zealand dollars"), "NZD"),
    **dict.fromkeys(("s$", "sg$", "sg $", "sgd$", "sgd $", "$ sgd", "$sgd", "singapore dollars", "singapore dollar"), "SGD"),
    **dict.fromkeys(("hk$", "hk $", "hkd$", "hkd $", "$hkd", "$ hkd", "hong kong dollars", "hong kong dollar"), "HKD"),
    **dict.fromkeys(("nt$", "nt $", "ntd", "nt dollars", "新台幣", "新台币"), "TWD"),
    **dict.fromkeys(("mx$", "mx $", "mex$", "mxn$", "mxn $", "$ mxn", "$mxn", "mexican pesos", "mexican peso"), "MXN"),
    **dict.fromkeys(("r$", "r $", "brl$", "reais", "brazilian reais", "brazilian real"), "BRL"),
    **dict.fromkeys(("ar$", "ars$", "argentine pesos"), "ARS"),
    **dict.fromkeys(("clp$", "chilean pesos"), "CLP"),
    **dict.fromkeys(("cop$", "colombian pesos"), "COP"),
    **dict.fromkeys(("rd$",), "DOP"),
    **dict.fromkeys(("j$",), "JMD"),
    **dict.fromkeys(("tt$",), "TTD"),
    **dict.fromkeys(("t$",), "TOP"),
    **dict.fromkeys(("bz$",), "BZD"),
    **dict.fromkeys(("bd$", "bds$"), "BBD"),
    **dict.fromkeys(("b$",), "BND"),
    **dict.fromkeys(("mop$",), "MOP"),
    **dict.fromkeys(("n$",), "NAD"),
    **dict.fromkeys(("fj$",), "FJD"),
    **dict.fromkeys(("€", "euros", "euro", "eur.", "ευρω"), "EUR"),
    **dict.fromkeys(("£", "pounds sterling", "pound sterling", "british pounds", "british pound", "stg", "£ stg"), "GBP"),
    **dict.fromkeys(("₹", "inr.", "lpa", "indian rupees", "indian rupee"), "INR"),
    **dict.fromkeys(("円", "日本円", "yen", "japanese yen", "圓"), "JPY"),
    **dict.fromkeys(("元", "rmb", "cn¥", "人民币", "yuan", "chinese yuan", "renminbi", "kuai", "元人民币"), "CNY"),
    **dict.fromkeys(("₩", "원", "korean won", "south korean won"), "KRW"),
    **dict.fromkeys(("zł", "zl", "złotych", "zloty", "zlotys", "złoty"), "PLN"),
    **dict.fromkeys(("kč", "kc", "korun", "czech koruna", "czech crowns"), "CZK"),
    **dict.fromkeys(("ft", "forint", "forints"), "HUF"),
    **dict.fromkeys(("₽", "руб.", "руб", "рублей", "рубля", "рубль", "р.", "rub.", "roubles", "rubles", "russian rubles"), "RUB"),
    **dict.fromkeys(("₴", "грн.", "грн", "гривень", "гривен", "hrn", "hryvnia", "uah."), "UAH"),
    **dict.fromkeys(("₺", "tl", "turkish lira", "turkish liras", "lirasi"), "TRY"),
    **dict.fromkeys(("₪", 'ש"ח', "ש״ח", "nis", "shekels", "shekel"), "ILS"),
    **dict.fromkeys(("₫", "đ", "vnđ", "dong", "đong"), "VND"),
    **dict.fromkeys(("฿", "บาท", "baht"), "THB"),
    **dict.fromkeys(("₱", "php.", "philippine pesos"), "PHP"),
    **dict.fromkeys(("₦", "naira"), "NGN"),
    **dict.fromkeys(("₸", "тенге", "тг", "тг."), "KZT"),
    **dict.fromkeys(("₾", "lari", "ლარი"), "GEL"),
    **dict.fromkeys(("₡",), "CRC"),
    **dict.fromkeys(("₭",), "LAK"),
    **dict.fromkeys(("₲",), "PYG"),
    **dict.fromkeys(("₵", "gh₵", "gh¢", "ghs."), "GHS"),
    **dict.fromkeys(("₼", "azn.", "манат"), "AZN"),
    **dict.fromkeys(("֏", "դր."), "AMD"),
    **dict.fromkeys(("৳", "taka"), "BDT"),
    **dict.fromkeys(("؋",), "AFN"),
    **dict.fromkeys(("₮",), "MNT"),
    **dict.fromkeys(("៛",), "KHR"),
    **dict.fromkeys(("र", "रु", "रु.", "रू"), "INR"),
    **dict.fromkeys(("ரூ", "රු"), "LKR"),
    **dict.fromkeys(("rm", "ringgit"), "MYR"),
    **dict.fromkeys(("rp", "rp.", "rupiah", "idr."), "IDR"),
    **dict.fromkeys(("lei", "leu", "ron."), "RON"),
    **dict.fromkeys(("лв.", "лв", "leva", "bgn."), "BGN"),
    **dict.fromkeys(("sfr.", "sfr", "fr.", "chf.", "swiss francs", "swiss franc", "franken", "stutz"), "CHF"),
    **dict.fromkeys(("dhs", "dh", "dhs.", "dirhams", "aed.", "د.إ", "درهم"), "AED"),
    **dict.fromkeys(("د.م.", "د.م"), "MAD"),
    **dict.fromkeys(("sr", "s.r.", "ر.س", "﷼", "saudi riyals", "riyals", "ريال"), "SAR"),
    **dict.fromkeys(("kd", "k.d.", "د.ك", "دينار كويتي"), "KWD"),
    **dict.fromkeys(("b.d.", "د.ب"), "BHD"),
    **dict.fromkeys(("ر.ع.", "ر.ع"), "OMR"),
    **dict.fromkeys(("د.ع",), "IQD"),
    **dict.fromkeys(("د.أ", "د.ا"), "JOD"),
    **dict.fromkeys(("د.ت",), "TND"),
    **dict.fromkeys(("د.ج", "دج"), "DZD"),
    **dict.fromkeys(("ل.ل", "ل.ل."), "LBP"),
    **dict.fromkeys(("ج.م", "ج.م.", "e£", "le", "l.e.", "egyptian pounds", "جنيه"), "EGP"),
    **dict.fromkeys(("fcfa", "cfa", "f cfa", "franc cfa", "francs cfa"), "XOF"),
    **dict.fromkeys(("ksh", "ksh.", "kshs", "kenyan shillings"), "KES"),
    **dict.fromkeys(("tsh", "tzs."), "TZS"),
    **dict.fromkeys(("ush", "ugx."), "UGX"),
    **dict.fromkeys(("s/", "s/.", "soles", "nuevos soles"), "PEN"),
    **dict.fromkeys(("din", "din.", "дин", "дин.", "dinara", "rsd."), "RSD"),
    **dict.fromkeys(("ден", "ден."), "MKD"),
    **dict.fromkeys(("rand", "rands", "south african rand"), "ZAR"),
    **dict.fromkeys(("finnish markka",), "FIM"),
    **dict.fromkeys(("danish kroner", "danske kroner", "dkr", "dkr."), "DKK"),
    **dict.fromkeys(("norwegian kroner", "norske kroner", "nkr"), "NOK"),
    **dict.fromkeys(("swedish kronor", "svenska kronor", "skr", "kronor"), "SEK"),
    **dict.fromkeys(("$", "¥", "kr.", "kr", "dollars", "dollar", "bucks", "kn", "rs.", "rs", "rupees", "rupee", "pounds", "pound", "₤", "₨"), ""),
    **dict.fromkeys(("won", "pesos", "peso", "francs", "franc", "kroner", "krona", "lira", "liras", "rials", "dinars", "dinar", "دينار", "ریال"), ""),
    **dict.fromkeys(("pesetas", "peseta", "guilders", "dutch guilders", "marks", "deutsche marks", "markka", "lire", "escudos", "₣", "₧"), ""),
    **dict.fromkeys(("btc", "bitcoin", "bitcoins", "₿", "ƀ", "eth", "usdt", "satoshi", "satoshis"), ""),
    **dict.fromkeys(("cents", "cent", "pence", "penny", "pennies", "¢", "sen", "mao"), ""),
}

# signs of one or few letters that count only where a text is nothing but a number and a sign
ALONE: dict[str, str] = {
    **{"lek": "ALL", "br": "", "nu.": "BTN", "nu": "BTN", "km": "BAM", "bd": "BHD", "kmf": "KMF", "fdj": "DJF", "nfk": "ERN"},
    **{"ld": "LYD", "b/.": "PAB", "ѕm": "TJS", "sm": "TJS", "dt": "TND", "vt": "VUV", "zk": "ZMW", "fg": "GNF", "l": "", "p": "", "d": ""},
    **{"р": "RUB", "ብር": "ETB", "ლ": "GEL", "gfr": "GNF", "د.": "", "ل.د": "LYD", "ар": "", "ar": "MGA", "rf": "RWF", "r₣": "RWF"},
    **{"spl": "", "ج.س.": "SDG", "ج.س": "SDG", "id": "IQD", "re": "INR", "sl": "SOS", "so": "", "ش.ج": "ILS", "ل.س": "SYP", "ر.ق": "QAR"},
    **{"ر.ي": "YER", "qr": "QAR", "g": "", "q": "GTQ", "m": "", "e": "", "r": "ZAR", "ko": "", "t": "", "s": "", "w": "", "ks": "MMK"},
    **{"le": "", "mt": "MZN", "kz": "AOA", "db": "STN", "bs": "VES", "bs.": "BOB", "c": "", "gs": "PYG", "₲": "PYG", "ƒ": "", "f": "", "lt": ""},
    **{"ls": "", "sk": "", "sit": "", "din": "RSD", "da": "DZD", "ll": "LBP", "sy": "", "uzs": "UZS", "so'm": "UZS", "som": "", "сом": "KGS"},
    **{"сум": "UZS", "ден": "MKD", "кр": "", "rub": "RUB", "ش.ص": "", "د.ل": "LYD", "bs.f": "VES", "afl": "AWG", "fr": "", "б": "", "ft": "HUF"},
}

# counted, these are parts of a unit: "3 dollars 50 cents"
MINOR = "cents cent pence penny pennies ¢ mao p"
# beside a number after it only: in front of one they are ordinary words ("won 3 awards", "over 50 pounds" is a weight)
AFTER_ONLY = (
    "won pounds pound cents cent pence penny pennies mao francs franc marks real lira liras peso pesos kroner krona kronor "
    "rand rands dinar dinars sr le ft din din. nis satoshi satoshis kuai euros bucks taka dong baht lari p d"
)
THREE_DECIMALS = "KWD BHD OMR TND JOD IQD LYD"

PERIODS: dict[str, str] = {
    "hour": "hour hr hrs h hourly std stunde stündlich stundenlohn heure horaire hora ora uur hodina hodinu hod godzina godzinę godz godz. h. timme tim time timen tunti час ч saat óra óránként 時間 小时 "
    "小時 시간 時給 시급 hod. std. ph",
    "day": "day daily diem tag täglich tagessatz jour journée journalier día dia giorno dag den deň dzień päivä день gün nap 日 天 일 日給 일급 md manday pd",
    "week": "week weekly wk woche wöchentlich semaine semana settimana weken týden tydzień vecka uge uke viikko неделю hafta hét 週 周 주 pw",
    "month": "month monthly mo mth monat monatlich mois mensuel mensuels mes mensual mensuales mese mensile mês mensal maand měsíc měsíčně mesiac mesačne miesiąc mies mies. miesięcznie mc mtl månad mån måned md. "
    "kuukausi kk месяц мес мес. ay aylık lună hónap havonta havi 月 月給 月薪 월 월급 pm pcm",
    "year": "year yearly yr annum annual annually annualized p.a. pa jahr jährlich jahresgehalt an année annuel annuels ans año anual anuales anno annuo annua annui ano jaar rok ročně rok. rocznie år vuosi год году yıl "
    "yıllık év évente 年 年收 年俸 年薪 연봉 년 annum. lpa ral ote brutto/jahr",
}

MULTIPLIERS: dict[str, float] = {
    "k": 1e3,
    "к": 1e3,
    "tsd": 1e3,
    "tsd.": 1e3,
    "tys.": 1e3,
    "tys": 1e3,
    "tis.": 1e3,
    "tis": 1e3,
    "тыс.": 1e3,
    "тыс": 1e3,
    "thousand": 1e3,
    "mil": 1e3,
    "千": 1e3,
    "천": 1e3,
    "lakhs": 1e5,
    "lakh": 1e5,
    "lacs": 1e5,
    "lac": 1e5,
    "lpa": 1e5,
    "m": 1e6,
    "mm": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "mln.": 1e6,
    "млн": 1e6,
    "百万": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "bn": 1e9,
    "b": 1e9,
    "trillion": 1e12,
    "億": 1e8,
    "亿": 1e8,
    "억": 1e8,
    "crores": 1e7,
    "l": 1e5,
    "crore": 1e7,
    "cr": 1e7,
    "万": 1e4,
    "萬": 1e4,
    "만": 1e4,
}

TO = "to until till through bis a à al e og och und and y et do ate até tot fino až az po i и или oder or en до дo 至 到 から - – — ~ 〜 ～ to:"
EVIDENCE = (
    "salary salaries pay wage wages compensation gehalt lohn entgelt vergütung salaire salario stipendio salário salaris loon plat mzda wynagrodzenie lön løn lønn palkka зарплата "
    "оклад ücret maaş remuneration rémunération base ral ctc package ote rate 給 薪 給与 給料 급여"
)
# what makes an amount of a shop or an invoice of a bare number
PRICE = "vat gst mwst ust iva tva dph btw ttc ht moms pvm each price preis prix precio prezzo preço cena cen цена ціна hinta pris fiyat"
# things that are counted in thousands and are no pay
COUNTED = (
    "users user customers clients employees people members students engineers developers stars downloads installs companies businesses views visitors visits followers subscribers "
    "merchants stores sites locations requests events transactions orders rows records lines tokens miles km kms runs steps words patients homes units seats devices servers "
    "mitarbeiter kunden nutzer salariés clientes empleados emails calls tickets shares vehicles sq sqft products books games points nodes datasets papers commits repos"
)
NOT_MONEY = (
    "% percent years year yrs yr hours hour hrs days day weeks week months month minutes people employees locations jobs stunden stunde tage jahre jahr heures jours ans mois horas días años ore giorni "
    "anni hodin dní let uren dagen jaar x years' days' lat h/ hours/week th st nd rd + yrs. times time km kg lbs lb mb gb tb ghz mph miles cm mm ft² std stunden/woche "
    "am pm uhr sites players points staff members clients customers users projects engineers developers team teams countries offices languages openings positions vacancies seconds minutter timer"
)

# words that state a period by themselves
ADVERBS = {
    "hour": "hourly stündlich stundenlohn horaire hodinově 時給 시급",
    "day": "daily täglich tagessatz journalier per_diem 日給 일급",
    "week": "weekly wöchentlich",
    "month": "monthly monatlich mensuel mensuels mensual mensuales mensile mensal měsíčně mesačne miesięcznie mies maandelijks månadslön månedlig aylık 月給 月薪 월급 pcm",
    "year": "yearly annual annually annualized annum p.a. jährlich jahresgehalt annuel annuels anual anuales annuo annua annui ročně rocznie yıllık lpa 年收 年俸 年薪 연봉",
}

FROM = (
    *("from", "starting at", "start at", "starts at", "minimum", "min", "min.", "at least", "ab", "mindestens", "a partir de", "a partire da"),
    *("desde", "des", "da", "od", "vanaf", "fran", "fra", "alkaen", "от", "mas de", "more than", "over", "uber", "plus de", "starting from", ">", "≥"),
    *("minimum of", "from:", "starting", "ab ca.", "minimo", "minimum", "mini", "min:", "start from", "starts from", "excess of", "från", "od:", "alates", "від"),
)
UP_TO = (
    *("up to", "upto", "maximum", "max", "max.", "bis zu", "bis", "jusqu'a", "hasta", "fino a", "ate", "tot", "do", "upp till", "op til", "až", "az do"),
    *("до", "under", "less than", "not exceeding", "<", "≤", "maximum of", "up to a maximum of", "maximal", "max:", "massimo", "maximo", "til", "jusqu'à", "no more than"),
)
