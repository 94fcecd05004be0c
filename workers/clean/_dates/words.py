"""Words that job boards use for dates, by meaning; all languages share one table, ambiguous words sit with the larger one.

Plain data. Every word is folded (lower case, no accents) before it is compared, so accents here are for the reader.
"""

from __future__ import annotations

# unit -> words of: en de fr es it pt nl pl cs/sk sv/da/no fi ru/uk/be/bg/sr tr ro hu hr/sl el lt/lv/et id/ms vi ar he hi/bn th ja zh ko
UNITS: dict[str, str] = {
    "second": "s sec secs second seconds sekunde sekunden sek seconde secondes segundo segundos segundi secondo secondi "
    "seconden sekunda sekundy sekund sekundę vteřin vteřiny vteřinami sekundami sekunder sekunnin sekuntia секунда "
    "секунды секунд секунду секунди сек saniye sn secunde secundă másodperc másodperce sekundi δευτερόλεπτο "
    "δευτερόλεπτα detik giây ثانية ثواني שניות सेकंड সেকেন্ড วินาที 秒 초 segon segons secunda секундын "
    "soniya sekundes sekundė sekundes sekundit secont saniyə segundu секундан сония sekundi sekundar",
    "minute": "دقیقه λεπτων minuutti minutę minūtes minutes daqiqadan хвилинку m min mins minute minutes minuten minuto minutos minuti minuut minuta minuty minut minutę minutu minutami "
    "minutą minútami minúty minutter minuttia minuutti minuuttia minuutin минута минуты минут минуту мин хвилин хвилини "
    "хвилину хвіл хвіліну хвіліны минути dakika dk minute perc perce perccel minuti λεπτό λεπτά menit minit phút دقيقة دقائق "
    "דקות मिनट মিনিট นาที 分钟 分鐘 分 분 minuts minučių minūtes minutit mínútur mínútum dəqiqə daqiqa минутын минут "
    "minutt minuto mhionaid minuter minuten дақиқа րոպե",
    "hour": "klukkustundir klukkutíma klukkutímum ساعت tund_aega sat_vremena сат_времена stundas stundām valandą valandų tund tundi saatten ώρας urami uro hodinou klukkustund klukkustundum годину h hr hrs hour hours stunde stunden std heure heures hora horas ora ore uur uren godz godzin godziny godzinę "
    "godzina hod hodin hodiny hodinu hodinou hodinami hodina timme timmar tim time timer tunti tuntia tunnin tuntii час "
    "часа часов ч годин години годину гадзіны гадзіну гадзін сати часове saat sa oră óra órája órával sat sati ώρα ώρες jam giờ "
    "tiếng ساعة ساعات שעות שעה घंटे घंटा घंटों ঘন্টা ঘণ্টা ชั่วโมง ชม 小时 小時 時間 时间 시간 hores valandų valandas сата stundas "
    "tundi tunni тағат сағат soat цагийн timar tímum tími ժամ საათი horës góźinu hodź соат",
    "day": "روز dnevi dnevom dňom dieną dienai dienām zilele günden ημέρας μέρας يوما يومًا أيّام суток діб доба дзень d j t day days tag tage tagen tg jour jours día días día giorno giorni gg  dia dias dag dagen dzień dni dnia dniu den "
    "dny dnů dní dnem dňami dní deň dagar dage dager dagars döger päivä päivää pv päivän день дня дней дн дні днів день "
    "дзён дні дни ден gün gun zi zile nap napja nappal dan dana dní danima dní ημέρα ημέρες μέρες μέρα hari ngày يوم أيام ימים "
    "יום दिन দিন วัน 天 日 일 dies día dienų dienas dienu päeva күн kun dögum degi daga օր დღე deien täg ditësh día díes "
    "günü дана кун",
    "week": "sedmice sedmicu sedmica sedm veker อาทิตย์ هفته 주일 주간 tjedan_dana nedelju_dana недељу_дана nedelju nedelje недељу tednom tedna týdnem týždňom седмицу savaitę savaites nädal nädalat haftadan εβδομάδας أسابيع أسبوعًا w wk wks week weeks woche wochen semaine semaines sem semana semanas settimana settimane weken tydzień tygodnie "
    "tygodni tygodnia týden týdny týdnů týdnem týždne týždňov týždňami týždňom vecka veckor v uge uger uke uker viikko "
    "viikkoa vk viikon неделя недели недель неделю нед тиждень тижні тижнів тижня тыдзень тыдні седмици седмица седм недеља "
    "недеље hafta săptămână săptămâni hét hete héttel tjedan tjedna tjedana teden tedni sedmica εβδομάδα εβδομάδες minggu tuần "
    "أسبوع أسابيع שבוע שבועות सप्ताह हफ्ते সপ্তাহ สัปดาห์ 周 週間 週 星期 礼拜 주 setmanes setmana savaičių savaites nedēļas "
    "nädalat апта долоо vikum vikur շաբաթ კვირა sed həftə selmanes wythnos ആഴ്ച हप्ता weken haftadan setemanis",
    "month": "månadar ماه mjesec_dana месец_дана mesec meseca mesecem mesiacom mēneša mēnešiem mėnesį mėnesio kuu_aega aydan μηνός أشهر شهور شهرا شهرًا mo mos mon mons mth mths month months monat monate monaten mois mes meses mese mesi mês maand maanden miesiąc "
    "miesiące miesięcy miesiąca měsíc měsíce měsíců měsícem mesiac mesiace mesiacov mesiacmi månad månader mån måned "
    "måneder mnd kuukausi kuukautta kk kuukauden месяц месяца месяцев мес місяць місяці місяців месяцаў месяц месяцы месец "
    "месеца месеци ay lună luni hónap hónapja hónappal mjesec mjeseca mjeseci mesecev μήνας μήνα μήνες bulan bln tháng شهر أشهر "
    "חודש חודשים महीने माह মাস เดือน 个月 個月 か月 カ月 ヶ月 ヵ月 ケ月 月 개월 달 mesos mėnesių mēnešus kuud ай сарын oy "
    "mánuði mánuðum mánaðir ամիս თვე månuder",
    "year": "سال aasta_aega godinu_dana годину_дана godinu metus metai gada gadiem yıldan χρόνος χρόνο έτους أعوام سنوات عام عاما عامًا y yr yrs year years jahr jahre jahren an ans année années año años anno anni ano anos jaar jaren rok roku lat "
    "lata lety let roků rokem rokom roky rokov år vuosi vuotta vuoden v. год года лет роки років рік гады гадоў година "
    "годинa годы yıl sene an ani év éve évvel god godina godine leto leti έτος χρόνια χρόνο tahun thn năm سنة "
    "سنوات שנה שנים वर्ष साल বছর ปี 年 년 anys metų gadus gadiem aastat жыл жил yil il árum ári տարի წელი წლის johre jier "
    "aasta година",
    "decade": "decade decades jahrzehnt jahrzehnte década décadas décennie дек दशक",
    "fortnight": "fortnight fortnights",
    "century": "century centuries jahrhundert jahrhunderte siècle siècles siglo siglos secolo secoli século séculos eeuw век века",
}

# numbers in words and articles
NUMBERS: dict[float, str] = {
    0.5: "пів пол pół 半 half_a and_a_half y_medio y_media e_mezzo e_mezza e_meia e_meio et_demi et_demie ½ half_an half_a half halben halbe halbes halber demi media medio mezza meia meio",
    1: "ένα ένας έναν μία μια enim eno jednog jedne једног једне еден unha eitt einum einer virun_engem ühe 一 壱 한 하나 واحدة এক یک ایک एक a an one einem einer ein eine eins un une uno una um uma uno een één jeden jedna jedną jedné jedním jedným en ett "
    "et yksi один одну одна един една bir egy jedan một एक edna unui",
    1.5: "полтора півтора anderthalb eineinhalb",
    2: "dvěma двое 二 两 兩 두 пару paari couple_of paar_van two zwei deux dos due dois duas twee dwa dwie dva dvě dvěma två to kaksi два две двух iki doi două két kettő hai",
    3: "unos unas 数 數 几 幾 三 세 몇 few several einigen wenigen paar quelques algunos algunas pocos pocas alcuni alcune pochi poche alguns algumas poucos poucas enkele kilka několika några några noen nogle birkaç несколько кілька three drei trois tres tre três drie trzy tři třemi kolme три трёх üç trei három ba",
    4: "čtyřmi čtyřech 四 네 four vier quatre cuatro quattro quatro cztery čtyři fyra fire neljä четыре dört patru négy",
    5: "pěti п'ять пяти 五 다섯 five fünf cinq cinco cinque vijf pięć pět fem viisi пять beş cinci öt",
    6: "šesti шість 六 six sechs seis sei zes sześć šest sex seks kuusi шесть altı șase hat",
    7: "sedmi сім 七 seven sieben sept siete sette sete zeven siedem sedm sju syv seitsemän семь yedi șapte",
    8: "osmi вісім 八 eight acht huit ocho otto oito osiem osm åtta åtte otte kahdeksan восемь sekiz opt nyolc",
    9: "devíti дев'ять 九 nine neun neuf nueve nove negen dziewięć devět nio ni yhdeksän девять dokuz nouă kilenc",
    10: "deseti десять 十 ten zehn dix diez dieci dez tien dziesięć deset tio ti kymmenen десять on zece tíz",
    11: "eleven elf onze once undici onze elva elleve",
    12: "十二 twelve zwölf douze doce dodici doze twaalf tolv двенадцать",
    13: "thirteen dreizehn treize trece tredici treze dertien",
    14: "čtrnáct čtrnácti fourteen vierzehn quatorze catorce quattordici catorze veertien",
    15: "patnáct patnácti 十五 fifteen fünfzehn quinze quince quindici quinze vijftien",
    16: "sixteen sechzehn seize dieciséis sedici dezesseis zestien",
    17: "seventeen siebzehn dix-sept diecisiete diciassette dezessete zeventien",
    18: "eighteen achtzehn dix-huit dieciocho diciotto dezoito achttien",
    19: "nineteen neunzehn dix-neuf diecinueve diciannove dezenove negentien",
    20: "dvacet dvaceti 二十 twenty zwanzig vingt veinte venti vinte twintig tjugo tyve двадцать",
    30: "třicet třiceti 三十 thirty dreißig dreissig trente treinta trenta trinta dertig тридцать",
    40: "сорок forty vierzig quarante cuarenta quaranta quarenta veertig",
    50: "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig",
    60: "sixty sechzig soixante sesenta sessanta sessenta zestig",
    70: "seventy siebzig setenta settanta zeventig",
    80: "eighty achtzig ochenta ottanta oitenta tachtig",
    90: "ninety neunzig noventa novanta negentig",
    100: "hundred hundert cent cien cento honderd",
}

# words that hold their number, as a count of hours, days, weeks, months or years
COUNTED: dict[str, str] = {
    "0.5 hour": "полчаса півгодини",
    "1 hour": "sejam",
    "1 day": "sehari сутки",
    "1 week": "seminggu",
    "1 month": "sebulan",
    "1 year": "setahun",
    "2 hour": "ساعتين ساعتان שעתיים sagħtejn",
    "3 day": "사흘",
    "2 day": "이틀 يومين يومان יומיים jumejn",
    "2 week": "أسبوعين أسبوعان اسبوعين שבועיים ġimagħtejn pythefnos",
    "2 month": "شهرين شهران חודשיים xahrejn",
    "2 year": "سنتين سنتان عامين عامان שנתיים sentejn",
    "6 month": "полгода півроку",
}

# days counted back from the fetch; negative lies ahead
DAYS: dict[int, str] = {
    0: "امروز earlier_today later_today late_today early_today данас today tonight heute aujourd'hui aujourdhui hoy oggi hoje vandaag dziś dzisiaj dnes dneska idag i_dag tänään сегодня "
    "сьогодні днес сёння bugün azi ma danas σήμερα šiandien šodien täna hari_ini hôm_nay اليوم היום आज আজ আজি วันนี้ 今天 今日 "
    "本日 오늘 avui днес dzisiejsza till_date to_date this_morning this_afternoon this_evening esta_mañana esta_tarde esta_noche "
    "heute_morgen heute_abend ce_matin ce_soir stamattina stasera esta_noite vanochtend vanavond",
    1: "دیروز yesterday_morning yesterday_afternoon yesterday_evening late_yesterday early_yesterday la_veille giorno_prima јуче juče včeraj 하루_전 하루전 昨夜 昨晚 previous_day preceding_day dia_anterior gestern_nachmittag hier_matin ayer_por_la_mañana ayer_por_la_tarde ieri_mattina ieri_pomeriggio ontem_de_manhã ontem_à_tarde gistermiddag yesterday gestern hier ayer ieri ontem gisteren wczoraj včera igår i_går eilen вчера вчора учора ўчора dün tegnap "
    "jučer juče χθες χτες vakar eile kemarin hôm_qua أمس אתמול เมื่อวานนี้ เมื่อวาน 昨天 昨日 어제 ahir вчера "
    "last_night anoche gestern_abend hier_soir ieri_sera ontem_à_noite gisteravond día_anterior",
    2: "προχθές προχτές שלשום hôm_kia dia_antes_de_ontem antes_de_ayer avant_hier anteontem 그제 l_altro_ieri ieri_l_altro vorgestern avant-hier anteayer antier altroieri l'altro_ieri anteontem eergisteren przedwczoraj předevčírem "
    "predvčerom förrgår i_förrgår forgårs i_forgårs toissapäivänä позавчера позавчора пазаўчора завчера 前天 一昨日 그저께 "
    "evvelsi_gün alaltăieri tegnapelőtt prekjučer the_day_before_yesterday day_before_yesterday",
    -1: "فردا lendemain le_lendemain next_day following_day dia_seguinte próximo_dia día_próximo próximo_día siguiente_día volgende_dag giorno_dopo giorno_successivo giorno_seguente folgenden_tag nächsten_tag jour_suivant early_tomorrow late_tomorrow tomorrow_morning tomorrow_afternoon tomorrow_evening tomorrow_night morgen_früh morgen_abend demain_matin demain_soir mañana_por_la_mañana mañana_por_la_tarde domani_mattina domani_sera amanhã_de_manhã amanhã_à_noite morgenochtend morgenavond tomorrow tmrw tmr morgen mañana domani amanhã jutro zítra zajtra imorgon i_morgon i_morgen huomenna завтра yarın "
    "holnap sutra 明天 明日 내일 demain día_siguiente",
    -2: "depois_de_amanhã dia_depois_de_amanhã dag_na_morgen prekosutra прекосутра übermorgen pasado_mañana dopodomani overmorgen pojutrze pozítří послезавтра 后天 後天 明後日 après-demain "
    "i_övermorgon ylihuomenna the_day_after_tomorrow day_after_tomorrow",
}

# marks of the past: "3 days ago", "vor 3 Tagen", "last week"
PAST = (
    "napja hete hónapja órája éve perce lepas yang_lepas pre εδώ_και پیش faz fai sidan nazaj naspäť əvvəl ago back before past last previous vor seit il_y_a il_ya y_a depuis hace desde_hace fa ha_fa há atrás ha geleden temu před "
    "pred przed sedan för siden for sitten назад тому таму преди пре пред önce evvel acum în_urmă ezelőtt prije πριν "
    "πριν_από prieš pirms tagasi eest yang_lalu lalu trước قبل منذ לפני पहले पूर्व আগে ที่แล้ว ที่ผ่านมา ก่อน ก่อนหน้า 前 之前 以前 전 "
    "fa zo hai бұрын өмнө öncə oldin fyrir síðan gelede vör առաջ წინ мурун хьалха pśed letzte letzten letzter letztes dernier "
    "dernière la_semaine_dernière pasada pasado scorsa scorso passada passado vorige verlede afgelopen zeszły "
    "minulý прошлый прошлая geçen пример duela air_ais yn_ôl προηγούμενος"
)
# marks of the future: "in 5 Tagen", "через 3 дня"
AHEAD = (
    "hence fra tra في بعد čez back_in left remaining restants restantes em خلال después in dans tra dentro_de daqui_a em-in over za om um-in через за след sonra içinde içerisinde peste múlva "
    "za_dana oor im later after from_now next nächste nächsten prochain prochaine gelecek pasca sau nữa बाद में 后 後 内 후 "
    "pärast pēc po-in pas dalam keyin oer sa eftir дараа кейін сўнг кийин праз en"
)
# bounds: "30+ days ago", "more than", "über"
AT_LEAST = (
    "plus_d'un plus_d'une ruim fazla_süre uzun_süre أكثر_من יותר_מ oltre больше_чем більше понад more_than mehr_als über plus_de más_de mais_de più_di meer_dan ponad więcej_niż více_než viac_ako mer_än mere_end "
    "mer_enn yli över более_чем более больше больше_чем понад daha_fazla fazla peste_de mai_mult_de több_mint több_mint 以上 超过 超過 이상 "
    "at_least mindestens au_moins al_menos almeno pelo_menos minstens co_najmniej greater_than longer_than älter_als mehr +"
)
# said beside a date and meaning nothing for it
FILLERS = (
    "sök_senast ansök_senast env 応募締切 締切 応募期限 截止日期 截止 마감일 마감 آخر_تحديث aproximadament proksimume umbes gutxi_gorabehera sawat arredor_de arredor dunha આશરે ប្រហែល ಸುಮಾರು ongeféier apie apmēram околу madwar omtrent "
    "približno rreth око ungefär சுமார் సుమారు ประมาณ тахминан taxminan تقريبا تقریبا приблизно близько приблизително kira_kira 대략 大約 करीब environ tua "
    "expiring indrykket sist_endret endret moins_d'un moins_d'une ngày_đăng ประกาศ เมื่อ نشر نشرت في من first_posted first_published first_listed inserat posted reposted closes closing expires valid until ends deadline sista_ansökningsdag søknadsfrist ansøgningsfrist fecha_límite date_limite data_limite scadenza_candidatura hakuaika_päättyy termín_uzávěrky termin_składania valid_through valid_till apply_by apply_before applications_close applications_until apply_until closing_date application_deadline bewerben_bis bewerbungsfrist entro_il entro scadenza postuler_avant_le avant_le bis jusqu au hasta fino até tot do till re-posted active employer updated published added listed created opened open since on date "
    "job at of the and about around approximately almost nearly roughly less_than under this advertised "
    "date_posted posting submitted first_seen seen received by: time utc gmt recently moins_de environ presque "
    "publié publiée publiées le la les mise mis à_jour en_ligne offre actualisé actualisée ajouté ajoutée créé parue paru posté postée "
    "et y і واحد واحدة gada թ оны ж คศ พศ წ რ år วันที่ и i ve ў у каля এবং और og och ja en és şi și và και dan ja und dan de du de veröffentlicht erschienen online am gepostet aktiv aktualisiert eingestellt geschaltet etwa ca circa ungefähr weniger_als "
    "fast den dem der und uhr um datum anzeige stelle "
    "alrededor publicado publicada publicados actualizado actualizada activo activa creado creada el los las del unos unas menos_de aproximadamente casi "
    "oferta fecha pubblicato pubblicata inserito inserita aggiornato aggiornata attivo il lo gli del circa da dal meno_di annuncio e i "
    "postado postada anunciado anunciada atualizado ativo ativa em cerca_de vaga os as o geplaatst gepubliceerd bijgewerkt actief op "
    "ongeveer vacature sinds toegevoegd het minder_dan opublikowano opublikowana opublikowane dodano dodana dodane zaktualizowano ogłoszenie około dnia z "
    "odświeżono aktywna oferta mniej_niż zveřejněno zveřejněna přidáno aktualizováno vloženo dne asi pridané zverejnené aktualizované přibližně "
    "publicerad publicerat publicerades upplagd uppdaterad annons inlagd cirka mindre_än slået_op opslået oprettet offentliggjort publisert "
    "lagt_ut omkring oppdatert julkaistu lisätty päivitetty ilmoitus noin опубликовано опубликована размещено размещена обновлено добавлено вакансия около примерно "
    "менее от и года г году опубліковано розміщено оновлено yayınlandı yayınlanma yayın ilan tarihi tarihinde güncellendi yaklaşık eklendi publicat publicată postat actualizat "
    "adăugat aproximativ közzétéve feladva frissítve körülbelül objavljeno objavljen dodano oko okolo δημοσιεύτηκε αναρτήθηκε περίπου około "
    "diposting dipasang diperbarui sekitar đăng đã_đăng khoảng cách_đây نشر تم_النشر حوالي פורסם לפני_כ लगभग প্রায় প্রায় পোস্ট "
    "掲載 掲載日 投稿 投稿日 公開 公開日 更新 更新日 新着 求人 発表 约 約 大约 发布 发布于 发表 发布时间 發布 刊登 于 於 게시 게시됨 등록 등록일 업데이트 약 từ w v в о ca."
)
# the posting is some minutes or hours old at most
JUST_NOW = (
    "لحظاتی_پیش hace_instantes hace_un_momento hace_un_instante il_y_a_un_instant 방금_전 방금전 rétt_í_þessu upravo_sad הרגע now just_now right_now just_posted moments_ago a_moment_ago a_few_moments_ago few_seconds_ago a_few_seconds_ago gerade_eben "
    "gerade_veröffentlicht soeben jetzt eben_gerade à_l'instant maintenant ahora ahora_mismo justo_ahora recién_publicado recién_publicada adesso proprio_ora poco_fa "
    "appena_pubblicato agora agora_mesmo agora_há_pouco acabou_de_ser_publicado zojuist zonet nu net_geplaatst przed_chwilą teraz właśnie_teraz "
    "právě_teď před_chvílí právě_zveřejněno nyní just_nu nyss nylig lige_nu akkurat_nå juuri_nyt только_что сейчас щойно şimdi az_önce acum_un_moment éppen_most "
    "upravo τώρα μόλις_τώρα baru_saja vừa_xong الآن עכשיו अभी 刚刚 剛剛 刚才 たった今 방금 현재 currently"
)

MONTHS: dict[int, str] = {
    1: "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty leden ledna led január januára "
    "tammikuu tammikuuta января январь янв січня ocak oca ianuarie ian január siječnja siječanj ιανουαρίου januara",
    2: "february feb februar feber février févr fév fevr fev febrero febbraio febb fevereiro februari luty lutego lut únor února február "
    "februára helmikuu helmikuuta февраля февраль фев лютого şubat şub februarie februára veljače φεβρουαρίου februára febr",
    3: "march mar märz mrz maerz mars marzo março maart mrt marzec marca březen března marec maaliskuu maaliskuuta марта март мар березня mart "
    "martie március ožujka μαρτίου",
    4: "april apr avril avr abril abr aprile kwiecień kwietnia kwi duben dubna apríl apríla huhtikuu huhtikuuta апреля апрель апр квітня nisan nis aprilie "
    "április travnja απριλίου",
    5: "may mai mayo maggio mag maio mei maj maja květen května máj mája toukokuu toukokuuta мая май травня mayıs május svibnja μαΐου",
    6: "june jun juni juin junio giugno giu junho czerwiec czerwca cze červen června jún júna kesäkuu kesäkuuta июня июнь июн червня haziran haz iunie iun "
    "június lipnja ιουνίου",
    7: "july jul juli juillet juil julio luglio lug julho lipiec lipca lip červenec července júl júla heinäkuu heinäkuuta июля июль июл липня temmuz tem iulie iul "
    "július srpnja ιουλίου",
    8: "august aug août aout agosto ago augustus sierpień sierpnia sie srpen srpna elokuu elokuuta августа август авг серпня ağustos ağu augusti "
    "augusztus kolovoza αυγούστου augusta",
    9: "september sept sep septembre septiembre set settembre setembro wrzesień wrzesnia września wrz září zari syyskuu syyskuuta сентября сентябрь сен "
    "сент вересня eylül eyl septembrie szeptember rujna σεπτεμβρίου septembra",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out październik października paź říjen října rijna lokakuu lokakuuta октября октябрь окт "
    "жовтня ekim eki octombrie október οκτωβρίου októbra",
    11: "november nov novembre noviembre novembro listopad listopada lis marraskuu marraskuuta ноября ноябрь ноя листопада kasım kas noiembrie noi "
    "studenoga νοεμβρίου novembra",
    12: "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro grudzień grudnia gru prosinec prosince joulukuu joulukuuta декабря "
    "декабрь дек грудня aralık ara decembrie desember des prosinca δεκεμβρίου decembra",
}

WEEKDAYS = (
    "monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun montag dienstag mittwoch donnerstag "
    "freitag samstag sonntag mo di mi do fr so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado "
    "domingo lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta segunda-feira terça-feira quarta-feira quinta-feira "
    "sexta-feira feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag poniedziałek wtorek środa czwartek piątek sobota niedziela pondělí úterý středa čtvrtek "
    "pátek neděle måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag понедельник вторник среда четверг пятница суббота "
    "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 月曜 火曜 水曜 木曜 金曜 土曜 日曜 星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 周一 周二 周三 周四 周五 周六 周日 週一 週二 週三 週四 週五 週六 週日 월요일 화요일 수요일 목요일 금요일 토요일 일요일 "
    "пнд втр срд чтв птн сбт вск mo_ wo vr za zo lun mar mer jeu ven sam dim mie jue vie sab dom gio po út st čt pá so ne pon wt śr czw pt sob nie čtv pát sob ned mån tis ons tor lör sön tir lør "
    "воскресенье пн вт ср чт пт сб вс pazartesi salı çarşamba perşembe cuma cumartesi pazar"
)
