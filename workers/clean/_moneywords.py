"""Signs, codes and words of pay; plain data. A sign that several countries share ("$", "kr") names no currency."""

from __future__ import annotations

CODES = (
    "AED AFN ALL AMD AOA ARS AUD AZN BAM BDT BGN BHD BND BOB BRL BWP BYN CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP ETB EUR GBP GEL GHS "
    "GTQ HKD HNL HRK HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KRW KWD KZT LAK LBP LKR MAD MDL MKD MMK MNT MOP MUR MXN MYR NAD NGN "
    "NIO NOK NPR NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SEK SGD THB TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND XAF XOF ZAR ZMW"
)

# folded spelling -> ISO 4217, or "" for a sign that is money of no certain country
SIGNS: dict[str, str] = {
    **dict.fromkeys(("us$", "u.s.$", "usd$", "us dollars", "us dollar", "u.s. dollars", "$us", "$ usd", "$usd"), "USD"),
    **dict.fromkeys(("ca$", "c$", "can$", "cad$", "$cad", "$ cad", "canadian dollars", "cdn$", "$ ca"), "CAD"),
    **dict.fromkeys(("au$", "a$", "aud$", "$aud", "$ aud", "australian dollars"), "AUD"),
    **dict.fromkeys(("nz$", "nzd$"), "NZD"),
    **dict.fromkeys(("s$", "sg$", "$ sgd", "$sgd"), "SGD"),
    **dict.fromkeys(("hk$", "hkd$"), "HKD"),
    **dict.fromkeys(("nt$", "ntd"), "TWD"),
    **dict.fromkeys(("mx$", "mex$", "$ mxn", "$mxn"), "MXN"),
    **dict.fromkeys(("r$", "reais"), "BRL"),
    **dict.fromkeys(("€", "euros", "euro", "eur."), "EUR"),
    **dict.fromkeys(("£", "pounds sterling", "pounds", "stg"), "GBP"),
    **dict.fromkeys(("₹", "rs.", "rs", "inr.", "rupees", "lpa"), "INR"),
    **dict.fromkeys(("円", "日本円"), "JPY"),
    **dict.fromkeys(("元", "rmb", "cn¥", "人民币"), "CNY"),
    **dict.fromkeys(("₩", "원"), "KRW"),
    **dict.fromkeys(("zł", "zl", "złotych"), "PLN"),
    **dict.fromkeys(("kč", "kc", "korun"), "CZK"),
    **dict.fromkeys(("ft", "forint"), "HUF"),
    **dict.fromkeys(("₽", "руб.", "руб", "рублей", "р."), "RUB"),
    **dict.fromkeys(("₴", "грн.", "грн", "гривень"), "UAH"),
    **dict.fromkeys(("₺", "tl"), "TRY"),
    **dict.fromkeys(("₪", 'ש"ח', "ש״ח"), "ILS"),
    **dict.fromkeys(("₫", "đ"), "VND"),
    **dict.fromkeys(("฿", "บาท"), "THB"),
    **dict.fromkeys(("₱",), "PHP"),
    **dict.fromkeys(("₦",), "NGN"),
    **dict.fromkeys(("₸", "тенге"), "KZT"),
    **dict.fromkeys(("₾",), "GEL"),
    **dict.fromkeys(("rm",), "MYR"),
    **dict.fromkeys(("rp", "rp."), "IDR"),
    **dict.fromkeys(("lei", "leu"), "RON"),
    **dict.fromkeys(("лв.", "лв"), "BGN"),
    **dict.fromkeys(("sfr.", "sfr", "fr.", "chf."), "CHF"),
    **dict.fromkeys(("dhs", "dh"), "AED"),
    **dict.fromkeys(("$", "¥", "kr.", "kr", "dollars", "dollar", "kn"), ""),
}

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
    "crore": 1e7,
    "cr": 1e7,
    "万": 1e4,
    "萬": 1e4,
    "만": 1e4,
}

TO = "to until till through bis a à al e og och und and y et do до ate até tot fino a - – — ~ 〜 ～ to:"
EVIDENCE = "salary pay wage compensation gehalt lohn salaire salario stipendio salário salaris plat mzda wynagrodzenie lön løn palkka зарплата ücret remuneration rémunération base ral ctc 給 薪"
NOT_MONEY = (
    "% percent years year yrs yr hours hour hrs days day weeks week months month minutes people employees locations jobs stunden stunde tage jahre jahr heures jours ans mois horas días años ore giorni "
    "anni hodin dní let uren dagen jaar x years' days' lat h/ hours/week th st nd rd + yrs."
)

# words that state a period by themselves
ADVERBS = {
    "hour": "hourly stündlich stundenlohn horaire hodinově 時給 시급",
    "day": "daily täglich tagessatz journalier per_diem 日給 일급",
    "week": "weekly wöchentlich",
    "month": "monthly monatlich mensuel mensuels mensual mensuales mensile mensal měsíčně mesačne miesięcznie mies maandelijks månadslön månedlig aylık 月給 月薪 월급 pcm",
    "year": "yearly annual annually annualized annum p.a. jährlich jahresgehalt annuel annuels anual anuales annuo annua annui ročně rocznie yıllık lpa 年收 年俸 年薪 연봉",
}
