"""The words that change what a sentence says: numbers, units, months and weekdays, negations.

The tables are keyed by case-folded words, as `broadsheet.text.words` yields them. A language that is not here
loses only its words: digits and numeric dates are recognised in all.
"""

from unicodedata import normalize

_NUMBER_WORDS = {
    "2": "two deux zwei twee два две двух δύο δυο dois duas اثنان اثنين",
    "3": "three drei trois tres tre três drie три трёх трех τρεις τρία ثلاثة ثلاث",
    "4": "four vier quatre cuatro quattro quatro четыре четырёх четырех τέσσερις τέσσερα أربعة أربع",
    "5": "five fünf cinq cinco cinque vijf пять пяти πέντε خمسة خمس",
    "6": "six sechs seis zes шесть шести έξι ستة ست",
    "7": "seven sieben sept siete sette sete zeven семь семи επτά εφτά سبعة سبع",
    "8": "eight acht huit ocho otto oito восемь восьми οκτώ οχτώ ثمانية ثماني",
    "9": "nine neun neuf nueve nove negen девять девяти εννέα εννιά تسعة تسع",
    "10": "ten zehn dix diez dieci dez tien десять десяти δέκα عشرة عشر",
    "11": "eleven elf onze once undici одиннадцать έντεκα",
    "12": "twelve dozen zwölf douze doce dodici doze twaalf dutzend двенадцать δώδεκα",
    "13": "thirteen dreizehn treize trece tredici treze dertien тринадцать",
    "14": "fourteen vierzehn quatorze catorce quattordici veertien четырнадцать",
    "15": "fifteen fünfzehn quinze quince quindici vijftien пятнадцать",
    "16": "sixteen sechzehn seize dieciséis sedici dezesseis zestien шестнадцать",
    "17": "seventeen siebzehn diecisiete diciassette dezessete zeventien семнадцать",
    "18": "eighteen achtzehn dieciocho diciotto dezoito achttien восемнадцать",
    "19": "nineteen neunzehn diecinueve diciannove dezenove negentien девятнадцать",
    "20": "twenty zwanzig vingt veinte venti vinte twintig двадцать είκοσι عشرون عشرين",
    "30": "thirty dreißig dreissig trente treinta trenta trinta dertig тридцать τριάντα ثلاثون ثلاثين",
    "40": "forty vierzig quarante cuarenta quaranta quarenta veertig сорок σαράντα أربعون أربعين",
    "50": "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig пятьдесят πενήντα خمسون خمسين",
    "60": "sixty sechzig soixante sesenta sessanta sessenta zestig шестьдесят εξήντα ستون ستين",
    "70": "seventy siebzig setenta settanta zeventig семьдесят εβδομήντα سبعون سبعين",
    "80": "eighty achtzig ochenta ottanta oitenta tachtig восемьдесят ογδόντα ثمانون ثمانين",
    "90": "ninety neunzig noventa novanta negentig девяносто ενενήντα تسعون تسعين",
    "100": "hundred hundert cien ciento cem honderd сто εκατό مئة مائة",
    "1000": "thousand tausend mille mil mila duizend тысяча тысячи тысяч χίλια χιλιάδες ألف آلاف",
    "1000000": "million millions millionen millón millones milione milioni milhão milhões miljoen"
    " миллион миллиона"
    " миллионов εκατομμύριο εκατομμύρια مليون ملايين",
    "1000000000": "billion billions milliarde milliarden milliard milliards miliardo miliardi miljard"
    " миллиард"
    " миллиарда миллиардов δισεκατομμύριο δισεκατομμύρια مليار مليارات",
}

_TENS = {
    "zwanzig": 20,
    "dreißig": 30,
    "vierzig": 40,
    "fünfzig": 50,
    "sechzig": 60,
    "siebzig": 70,
    "achtzig": 80,
    "neunzig": 90,
}
_GERMAN_UNITS = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")

_ONE = (
    "one a an ein eine einen einem einer eines un une uno una um uma een ένας μία ένα один одна одно одного одну واحد"
    " واحدة"
)

_UNITS = {
    "$": "dollar dollars dólar dólares dollaro dollari доллар доллара долларов δολάρια دولار دولارا دولارات usd",
    "€": "euro euros евро ευρώ يورو eur",
    "£": "pound pounds pfund фунт фунта фунтов gbp",
    "¥": "yen yens иена иены иен jpy 円",
    "₽": "rouble roubles ruble rubles rubel рубль рубля рублей rub",
    "₹": "rupee rupees rupie rupien rupias inr",
    "%": "percent prozent procent процент процента процентов",
    "‰": "permille promille промилле",
}

_MONTHS = (
    "january jan januar jänner janvier enero gennaio janeiro januari ιανουάριος ιανουαρίου ιανουάριο"
    " январь января"
    " январе يناير",
    "february feb februar février febrero febbraio fevereiro februari φεβρουάριος φεβρουαρίου"
    " φεβρουάριο февраль"
    " февраля феврале فبراير شباط",
    "march märz mars marzo março maart μάρτιος μαρτίου μάρτιο март марта марте مارس آذار",
    "april apr avril abril aprile απρίλιος απριλίου απρίλιο апрель апреля апреле أبريل إبريل نيسان",
    "may mai mayo maggio maio mei μάιος μαΐου μάιο май мая мае مايو أيار",
    "june jun juni juin junio giugno junho ιούνιος ιουνίου ιούνιο июнь июня июне يونيو حزيران",
    "july jul juli juillet julio luglio julho ιούλιος ιουλίου ιούλιο июль июля июле يوليو تموز",
    "august aug août agosto augustus αύγουστος αυγούστου αύγουστο август августа августе أغسطس آب",
    "september sep sept septembre septiembre settembre setembro σεπτέμβριος σεπτεμβρίου σεπτέμβριο"
    " сентябрь сентября"
    " сентябре سبتمبر أيلول",
    "october oct oktober okt octobre octubre ottobre outubro οκτώβριος οκτωβρίου οκτώβριο октябрь"
    " октября октябре"
    " أكتوبر",
    "november nov novembre noviembre novembro νοέμβριος νοεμβρίου νοέμβριο ноябрь ноября ноябре نوفمبر",
    "december dec dezember dez décembre diciembre dicembre dezembro δεκέμβριος δεκεμβρίου δεκέμβριο"
    " декабрь декабря"
    " декабре ديسمبر",
)

_WEEKDAYS = (
    "monday montag segunda lundi lunes lunedì maandag δευτέρα понедельник понедельника الاثنين الإثنين",
    "tuesday dienstag terça mardi martes martedì dinsdag τρίτη вторник вторника الثلاثاء",
    "wednesday mittwoch quarta mercredi miércoles mercoledì woensdag τετάρτη среда среду среды الأربعاء",
    "thursday donnerstag quinta jeudi jueves giovedì donderdag πέμπτη четверг четверга الخميس",
    "friday freitag vendredi viernes venerdì sexta vrijdag παρασκευή пятница пятницу пятницы الجمعة",
    "saturday samstag sonnabend samedi sábado sabato zaterdag σάββατο суббота субботу субботы السبت",
    "sunday sonntag dimanche domingo domenica zondag κυριακή воскресенье воскресенья الأحد",
)

_NEGATIONS = (
    "not no never none nobody nothing neither nor without cannot",  # and …n't
    "nicht kein keine keinen keinem keiner keines nie niemals niemand niemanden nichts ohne weder",
    "pas jamais aucun aucune rien sans ni ne non",  # and n'…
    "no nunca jamás nadie nada ningún ninguno ninguna sin tampoco",
    "non né nessun nessuno nessuna niente nulla senza",
    "não nem nunca ninguém nenhum nenhuma sem",
    "niet geen nooit niemand niets zonder",
    "δεν δε μην μη όχι ποτέ κανείς κανένας καμία κανένα τίποτα χωρίς ούτε",
    "не нет ни никогда никто ничего без нельзя немає",
    "لا لم لن ليس ليست ليسوا غير دون بدون ولا ولم ولن وليس فلا فلم",
    "नहीं मत बिना לא אין בלי değil nie nigdy bez inte icke ikke aldrig aldri ingen inga utan uden uten",
    "不 没 沒 未 無 无 非 안 못 없다 없이",
)


def _keys(names: str) -> list[str]:
    return normalize("NFC", names.casefold()).split()


NUMBERS = {word: value for value, names in _NUMBER_WORDS.items() for word in _keys(names)} | {
    normalize("NFC", f"{unit}und{ten}".casefold()): str(value + i)
    for ten, value in _TENS.items()
    for i, unit in enumerate(_GERMAN_UNITS, 1)
}
ONE = frozenset(_keys(_ONE))
"""Words for one, which are articles, too: numbers only where another one stands in their place."""
UNITS = {word: sign for sign, names in _UNITS.items() for word in _keys(names)}
MINUS = frozenset(("minus", "минус"))
DATES = {word: f"month {i}" for i, names in enumerate(_MONTHS, 1) for word in _keys(names)} | {
    word: f"weekday {i}" for i, names in enumerate(_WEEKDAYS, 1) for word in _keys(names)
}
NEGATIONS = frozenset(word for names in _NEGATIONS for word in _keys(names))
