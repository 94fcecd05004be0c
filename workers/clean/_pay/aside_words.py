"""Words for money beside pay: bonuses, allowances, insurance, funding; plain data, as parts of regular expressions."""

from __future__ import annotations

# on either side of the amount
EXTRAS = (
    r"bonus(?:es)?|sign[ -]on|stipends?|allowances?|reimbursements?|per ?diem|gift ?cards?|vouchers?|referrals?|profit shares?|"
    r"pramie|premie|bonuszahlung|weihnachtsgeld|urlaubsgeld|\w*zuschuss|premio|bono|odmena|premia|gratifikation|"
    r"(?:deutschland|job|monats|semester|euro)-?ticket|jobrad"
)
FUNDING = (
    r"raised|raising|funding|funding to date|valuation|arr|mrr|gmv|aum|run ?rate|series [a-h]\b|seed round|"
    r"annual recurring revenue|assets under management"
)
SHARES = r"equity|stock|rsus?|options|shares|esops?"

# before an amount only: behind one, "plus commission" and "with benefits" end a statement of pay
NAMED = (
    r"(?:application|registration|processing|training|admin(?:istration)?) (?:fees?|costs?)|deposit of|deductible|copay|hsa|"
    r"insurance|insurance cover(?:age)?|(?:health|medical|life|accident|family|dental) cover(?:age)?|premium(?:s)? covered|you can save|"
    r"(?:hsa|employer|pension|company|retirement) contributions?|match(?:ing)?|"
    r"(?:shift|night|weekend|evening) (?:premium|differential)|differentials?|overtime premium|"
    r"prizes? of|grants of|scholarships? of|quotas?|clos(?:e|ed|ing) deals|deal sizes?|contract values?|order value|acv|tcv|p&l|"
    r"relocation (?:assistance|package|support|budget|help)|(?:lunch(?:es)?|meals?) worth|perks? worth|benefits? worth|"
    r"accounts worth|coverage amount|"
    r"(?:tuition|adoption|childcare|education|housing|travel|visa) (?:assistance|support|benefits?|aid)|subsid(?:y|ies)|assurance|disability|"
    r"spending accounts?|fsa|hra|benefit(?= (?:of )?up to)|free \w+ worth|(?:sales|business|revenue) targets?|retention payment|"
    r"(?:conference|learning|training|education|travel|equipment|marketing|l&d) budget|(?:visa|certification|travel|moving) costs?|"
    r"(?:laptop|equipment|macbook) worth|(?:security|uniform|key) deposit|course fees?|"
    r"projects? (?:from|between|of|worth|valued at|up to)|home[ -]office set-?up|budget responsibility|"
    # French, Italian, Portuguese, Spanish
    r"tickets?[ -]restaurants?|titres?[ -]restaurants?|primes?(?: de \w+| d'\w+| annuelle| exceptionnelle)?|bonus (?:annuel|anual|annuale)|"
    r"cartes? (?:swile|resto|restaurant|cadeau)|buoni pasto|welfare(?: aziendale)?|vale[ -]?(?:alimentacao|refeicao|transporte)|"
    r"(?:subsidio|auxilio|ayuda|bono)(?: de)?(?: \w+){1,2}|cheques? (?:restaurante|comida)|"
    r"forfait \w+(?: durable)?|indemnites?(?: \w+)?|plus (?:de )?transporte|cheques? gourmet|vales? de \w+|plr|"
    # German, Czech, Polish
    r"\w{4,}bonus|umzugskosten|vwl|vermogenswirksame leistungen|priplatek|priplatky|dofinansowanie \w+|\w*zuschuss(?: zum \w+)?|sachbezug|\w*pauschale|prispevek(?: na \w+)?|stravenky|karta \w+|dodatek(?: \w+)?|doplatek(?: \w+)?|"
    r"премия|премии|бонус|компенсация \w+"
)
# the same where words are not parted by blanks
EASTERN = "餐补 餐補 房补 话补 车补 交通費 賞与 手当 食事補助 补贴 津贴 奖金 勤奖 식대 교통비 상여금 인센티브 복지포인트 수당 지원금"
# counted only with a word of size behind them: "commission up to", "budget of"
SPENT = r"commissions?|tips|budgets?"

SIZES = r"of|up to|averag\w+|worth|over|around|about|between|from|bis zu"
# words between such a name and the amount
CONNECTIVES = (
    r"of|to|up to|upto|is|are|worth|at|over|about|around|approximately|a|total|totaling|potential|range|value|targets?|from|"
    r"between|in|in the amount|amount|bis zu|de|d'\w+|di|da|do|a partir de|offering|one-time|program(?:me)?s?|v hodnote|von|"
    r"max(?:imum)?|min(?:imum)?|averages?|averaging|we pay|jusqu'a|hasta|az|до|от|per month|monthly"
)

# behind an amount only
FOLLOWING = (
    r"relocation(?! (?:available|provided|offered|possible|support|assistance|assisted|help))|seed|budget|deposit|"
    r"(?:application|processing|registration|setup) fee|1 time payment|acv|tcv"
)
PURPOSES = (
    r"(?:in |of )?(?:grants?|prizes?|donations?)(?: pool| money)?|"
    r"(?:to spend|towards?|for) (?:on )?(?:learning|training|education|relocation|(?:personal |professional )?development|(?:your )?(?:home )?office)"
)
# of these, any few words may stand between, but none that begin something else: "$60,000 plus car allowance"
NEEDS = r"stipends?|allowances?|reimbursements?|vouchers?|credits?|subsid(?:y|ies)|deductibles?|copays?"
STOPS = (
    r"plus|and|with|or|und|et|y|base|basic|salary|pay|wage|wages|per|annum|gross|net|brutto|netto|doe|ote|package|to|from|up|full|great|"
    r"excellent|good|competitive|range|negotiable|dependent|depending"
)
# words that may part an amount from what it is: "$600 monthly car allowance"
ADJECTIVES = (
    "hiring personal recruitment individual annual yearly quarterly monthly weekly daily one time sign signing on retention performance referral relocation welcome joining "
    "employee employer home office wfh learning education development tuition remote wellness travel target cash company training "
    "meal phone internet equipment discretionary new hire the in gym fitness car fuel food lunch childcare commuter transport transit "
    "parking health mental medical dental lifestyle setup housing moving uniform tool book conference certification professional "
    "completion attendance holiday christmas clothing mobile cell data birthday anniversary shopping public amazon"
)
BENEFITS = (
    r"(?:wellness|wellbeing|health|mental health|fitness|gym|commuter|lifestyle|learning|childcare|meal) "
    r"(?:benefits?|credits?|fund)|(?:public )?transport(?:ation)? (?:ticket|pass|card)|transit pass"
)

# beside sums of a million and more these are of a company: "$2M in savings"; pay of millions is stated without them
OF_A_COMPANY = (
    r"revenues?|turnover|savings|portfolio|market|industry|compan(?:y|ies)|start-?ups?|business|firm|unicorn|fund|"
    r"umsatz|chiffre d'affaires|fatturato|transactions|p&l|quota|budgets?|book of business|funding|pipeline|round|worth of \w+"
)
COMPANY_DID = r"process(?:es|ing)?|(?:^|\b(?:we|to|team|platform|customers|clients) )(?:manag|handl|mov|sav|generat|recover|earn)(?:e|es|ed|ing)?(?: clients| customers| companies)?"
COMPANY_HAD = (
    r"backed by|backing of|portfolio of|profitable with|(?:^|we are |we're |company |last |now |currently |recently )valued at|(?:^|our |with )annual revenues? of|"
    r"crossed|surpassed|quota of|revenue:|(?:^|we |we have |we've )(?:secured|closed)"
)
