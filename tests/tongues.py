"""What made-up prose is made of, by language: templates, ordinary words, names, ways to write figures and dates."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Tongue:
    """One language; words are split at white space. In templates `=` stands before what no edit may touch."""

    templates: str
    nouns: list[str]
    adjectives: list[str]
    verbs: list[str]
    adverbs: list[str]
    given: list[str]
    beginnings: list[str]
    endings: list[str]
    months: list[str]
    weekdays: list[str]
    number_words: list[str]
    space: str = " "
    point: str = "."
    thousands: str = ","
    numeric_date: str = "{y}-{m:02}-{d:02}"
    datelines: list[str] = field(default_factory=list)


def _tongue(templates: str, words: str, **values: str) -> Tongue:
    nouns, adjectives, verbs, adverbs, given, beginnings, endings, months, weekdays, numbers = (
        block.split() for block in words.split("\n\n")
    )
    return Tongue(
        templates.lstrip("\n"), nouns, adjectives, verbs, adverbs, given, beginnings, endings,
        months, weekdays, numbers, datelines=values.pop("datelines").split("\n"), **values,
    )  # fmt: skip


_ENGLISH: Final = """
# council
The council of {L} {v} the {a} plan for the {n} near the {n} on {W}.
Members voted by {N} to {K} and <|not> every speaker was happy with the {a} {n}.
"We <would|wouldn't> have {v} this {n} again," said {P}, who chairs the {a} board.
The {n} will cost {M} =million and should <|not> be ready before {B} {Y}.
Residents of {L} {v} the {n} {d} and asked for a {a} {n} instead.
A second hearing is planned for {D} {B} in the {a} hall beside the {n}.
{P} <|never> {v} the {a} proposal, according to minutes that the clerk read out.
Officials said the {n} had been {v} {d} since the {a} winter of {Y}.
About {N} households <would|would_not> receive a letter explaining the {a} {n}.
The clerk {v} that {C} of the {a} budget goes to the {n}.
It was the {a} part of a debate that {v} the {n} for weeks.
Opponents carried a {a} {n} through the rain and {v} it at the door.
The meeting begins at {H} and ends when the {a} {n} has been {v}.
A report dated {Z} {v} the {n} as {a} and rather {a}.
# accident
A {a} {n} {v} near {L} {d} on {W}, injuring {K} people.
Firefighters {v} the {n} for {N} hours while a {a} wind blew from the sea.
Police said the driver <had|had_not> {v} the {a} {n} before the crash.
{P}, a neighbour, {v} a {a} noise and ran towards the {n}.
The road to {L} was closed {d} and <|never> reopened during the {a} night.
Damage to the {n} was put at {M},000 by a {a} insurer.
Nurses {v} {N} passengers at the {a} clinic, most of them {d}.
The {a} cause is under review, and the {n} was {v} to a yard.
Investigators <expect|do_not_expect> to finish their {a} report by {D} {B}.
Smoke from the {n} {v} over the {a} rooftops until {H}.
Crews {v} the {n} {d}, using a {a} pump and long ropes.
A similar {n} was {v} on {Z}, only {F} kilometres from the place.
Families {v} beside the {a} {n} and waited {d} for news.
The crossing carries {N} lorries a day, {C} of them with {a} cargo.
# sport
{L} {v} their {a} rivals {d} in front of {N} spectators.
{P} {v} the {a} {n} after {K} minutes and <was|was_not> cheered by the crowd.
The coach {v} a {a} side and {d} changed the {n}.
It was the {a} win in {K} matches for the team from {L}.
"The {n} <was|was_never> {a} enough," the captain {v} {d}.
They travel to {L} on {W} for a {a} replay of the {n}.
The keeper {v} the {n} {d} and kept a {a} lead until the whistle.
Tickets from {M} go on sale on {D} {B} at the {a} {n}.
Her average speed of {F} was the {a} best since {Y}.
The referee <|never> {v} the {n}, which {d} angered the {a} bench.
Supporters {v} a {a} song and waved the {n} {d}.
A {a} injury means {P} will miss the {n} in {B}.
# weather
A {a} front {v} the coast {d} and brought {F} millimetres of rain.
Temperatures fell to {T} degrees in {L}, the {a} value since {Y}.
Forecasters <expect|do_not_expect> the {a} wind to turn before {W}.
The {n} by the river was {v} {d} when the water rose by {F} metres.
Snow {v} the {a} {n} above {L}, and {N} homes lost their light.
In {B} the {a} air will <|not> reach the {n} on the islands.
Ice {v} the {n} {d}, so the {a} ferry stayed in port.
At {T} degrees the {n} is {a}, and walkers {v} it {d}.
Sunshine {v} the {a} {n} for {K} hours on {D} {B}.
Fog {v} the harbour {d}, and a {a} bell rang beside the {n}.
The {a} spring tide was {v} {d} by people from {L}.
Humidity of {C} <is|is_not> unusual for the {a} {n}, the station {v}.
# market
Shares in the {a} {n} maker {v} {C} {d} on {W}.
The firm from {L} {v} sales of {M} =million, against {M} =million in {Y}.
Analysts <had|had_not> {v} the {a} result of the {n} division.
It will close {K} {a} sites and {v} the {n} by {B}.
"Our {n} <is|is_no_longer> {a}," said {P}, who {v} the company.
Prices of {a} {n} {v} {d} for the =third month.
The bank {v} its {a} rate at {F} per cent and {d} warned of the {n}.
Exports of {n} came to {N} tons, a {a} figure that {v} traders.
A {a} bid of {M} a share was {v} {d} on {D} {B}.
Workers {v} the {n} {d} and asked for {a} hours.
The merger <will|won't> be {v} before the {a} court has read the {n}.
Debt stands at {F} times earnings, {d} above the {a} {n}.
# science
Researchers at {L} {v} a {a} {n} under the ice and {d} measured it.
The sample held {S} cells in every {a} litre, the {a} paper {v}.
{P} <|never> {v} the {n} that made the {a} method known.
In {Y} a {a} team {v} {N} stones and found the {n}.
The {a} signal was {v} {d} at {F} hertz by a {n} on the hill.
It takes {S} seconds for the {n} to {d} become {a}.
Colleagues <could|could_not> repeat the {a} trial with a {a} {n}.
Birds {v} the {a} {n} in {B} and leave it {d}.
A {a} {n}, {K} metres long, was {v} from the {a} sand.
The study {v} {C} of the {a} wells and was printed on {Z}.
Some of the {n} {v} {d} under {a} light, others slowly.
A camera below the {n} {v} {a} shapes that {d} moved.
# culture
The {a} film {v} its first hall {d} and drew {N} guests.
{P} wrote the {n} in {Y}, after a {a} journey to {L}.
Her {a} novel {v} a {n} that <|never> speaks of the {a} war.
The museum of {L} shows {K} {a} paintings until {D} {B}.
A {a} choir {v} the {n} {d} in the old grain store.
Critics <liked|did_not_like> the {a} second act and the {n} of the stage.
Entrance is {M}, and children {v} the {n} {d} for =nothing.
The curtain rises at {H} on a {a} {n} and a {a} moon.
He {v} the {n} {d} with brushes made of {a} hair.
On {W} the {a} band {v} songs about the {n}.
A {a} letter from {P} was {v} {d} at a sale for {M},500.
The house {v} the {a} {n} and {d} found {F} metres of film.
# opinion
I have {v} this {a} {n} for years and <|never> found it {a}.
Why should we {d} pay {M} for a {a} {n}?
My neighbours {v} the {n} {d}, and =nobody thanked them for the {a} work.
What {L} needs is a {a} {n}, {v} by people who care.
The {a} argument of {P} <is|is_not> that the {n} was {v}.
Since {Y} we have {d} {v} the {a} {n} and learned from it.
It is {a} to say that {C} of us {v} the {n}.
A {a} city <would|would_not> have {v} its {n} so {d}.
Let us walk to the {n} {d} and look at the {a} water.
In {B} I {v} {K} {a} friends who had {v} the {n}.
"""

_ENGLISH_WORDS: Final = """
bridge market ferry garden school library engine harbour orchard cellar lantern workshop meadow tunnel bakery kettle
archive pavement signal ladder carpet barrel chimney fountain stable mirror hedge compass window furnace gallery
hammer island jacket kitchen lighthouse monument notebook ocean palace quarry railing saddle temple umbrella valley
wagon yard anchor basin canal

small quiet narrow wooden early late broad heavy gentle bitter modest curious famous hollow pleasant rough steep
tidy useful vivid weary young ancient bright clever damp eager faint grim honest idle jolly keen lively muddy noisy
odd plain rapid silent

approved inspected described repaired closed praised moved painted visited crossed opened damaged remembered watched
mentioned studied discussed measured followed welcomed rejected examined carried admired delayed finished cleaned
guarded sketched wanted tested blamed lifted noticed ordered promised reached saved touched used

quickly slowly again today quietly later often gladly early together carefully rarely suddenly nearby mostly openly
partly soon twice usually

Ada Bo Ida Nils Mara Otto Runa Tove Ivo Lena Piet Sanna Ulf Wanda Yara Zeno

Moor Quill Sand Low Har Kell Brae Fenn Thorn Wick Alder Stane Marl Ost Bryn Dun

mouth wick ham ford ley gate holm bury stead combe worth dale

January February March April June July August September October November December

Monday Tuesday Wednesday Thursday Friday Saturday Sunday

three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen eighteen twenty
"""

_GERMAN: Final = """
# rat
Der Rat von {L} {v} am {W} den {a} Plan für {n} und {n}.
Rund {N} Haushalte sollen <|nicht> vor {B} {Y} einen {a} Brief bekommen.
Der Umbau kostet {M} =Millionen und wurde {d} von {P} {v}.
Die Verwaltung <hat|hat_nie> {v}, dass {n} und {n} {d} zusammengehören.
Am {D}. {B} wird über {n} und {a} {n} {d} beraten.
Etwa {C} der {a} Mittel gehen {d} an {n} und {n}.
Die {a} Sitzung beginnt um {H} Uhr und wurde {d} {v}.
Viele Gäste haben {n} {d} {v} und dann {a} {n} gesehen.
# wetter
In {L} fiel die Temperatur {d} auf {T} Grad, so {a} wie {Y}.
Es fielen {F} Liter Regen, und {n} wurde {d} {v}.
Der {a} Wind wird <|nicht> vor {W} drehen, heißt es {d}.
Helfer haben {K} {a} Boote {d} {v} und {n} gesichert.
Laut Bericht vom {Z} wurde {n} {d} von {P} {v}.
Der {a} Nebel hat {n} {d} {v}, sagten {a} Leute am Ufer.
Seit {Y} hat =niemand {a} {n} so {d} {v} wie jetzt.
Wer {n} {d} {v}, der kennt <auch|kein> {a} Ufer in {L}.
"""

_GERMAN_WORDS: Final = """
Brücke Markt Fähre Garten Schule Hafen Keller Laterne Werkstatt Wiese Tunnel Kessel Archiv Leiter Teppich Fass
Brunnen Stall Spiegel Hecke Fenster Ofen Hammer Insel Küche Turm Tempel Tal Wagen Anker

kleinen stillen engen hölzernen frühen späten breiten schweren sanften bitteren berühmten rauen steilen nützlichen
müden jungen alten hellen klugen feuchten

geprüft beschrieben repariert geschlossen gelobt bewegt gemalt besucht geöffnet beschädigt beobachtet erwähnt
untersucht besprochen gemessen begrüßt abgelehnt getragen bewundert gereinigt

schnell langsam wieder heute leise später oft gern früh gemeinsam sorgfältig selten plötzlich meist offen teilweise
bald

Ada Bo Ida Nils Mara Otto Runa Tove Ivo Lena Piet

Moor Sand Nieder Hohen Kalt Fenn Dorn Erlen Stein Ost Brun Lang

münde hafen heim furt tal tor holm burg stedt feld

Januar Februar März April Juni Juli August September Oktober November Dezember

Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag

drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn zwanzig
"""

_FRENCH: Final = """
# conseil
Le conseil de {L} a {v} {W} le projet {a} pour {n} et {n}.
Environ {N} foyers <seront|ne_seront_pas> {v} avant {B} {Y}, selon {P}.
Les travaux coûteront {M} =millions et ont été {d} {v} par la mairie.
La ville <avait|n'avait_jamais> {v} {n} =ni le marché {a} de {L}.
Le {D} {B}, on parlera {d} du quai {a} et de {n}.
Quelque {C} du budget {a} ira {d} vers {n} et {n}.
La séance {a} commence à {H} et sera {d} {v} par les voisins.
# météo
À {L}, il a fait {T} degrés, un froid {a} et {d} {v}.
Il est tombé {F} litres de pluie et {n} a été {d} {v}.
Le vent {a} <va|ne_va_pas> tourner avant {W}, dit {d} la station.
Les secours ont {d} {v} {K} bateaux et {n} près du port {a}.
Un rapport du {Z} avait {d} {v} {n} et le quai {a}.
Depuis {Y}, {P} a {d} {v} {n} sur la rive {a}.
La brume a {v} {n} {d}, et une cloche {a} a sonné longtemps.
"""

_FRENCH_WORDS: Final = """
l'école l'église l'atelier l'usine l'archive l'échelle l'ancre l'île l'étable l'horloge l'auberge l'entrepôt l'hôtel
l'écluse l'arcade l'orgue l'enclos l'allée

tranquille étroit vaste lourd modeste célèbre agréable rude utile jeune ancien humide pâle honnête vif solide simple
rapide

approuvé inspecté décrit réparé fermé loué déplacé peint visité ouvert abîmé observé mentionné étudié discuté mesuré
accueilli rejeté porté admiré

vite lentement encore souvent tôt ensemble rarement soudain surtout bientôt parfois ici

Ada Bo Ida Nils Mara Otto Runa Lena Piet

Saint-Bel Mont-Clar Roche-Vive Port-Lan Pont-Mar Val-Dor Bois-Fleur Champ-Lys

mont ville court bourg rive

janvier février mars avril juin juillet août septembre octobre novembre décembre

lundi mardi mercredi jeudi vendredi samedi dimanche

trois quatre cinq six huit neuf dix onze douze treize quatorze vingt
"""

_SPANISH: Final = """
# consejo
El consejo de {L} {v} el {W} un plan {a} para {n} y {n}.
Unos {N} hogares <|no> recibirán una carta {a} antes de {B} de {Y}.
La obra costará {M} =millones y {d} la {v} {P} en la plaza.
La ciudad <siempre|nunca> {v} {n} =ni aquel mercado {a} de {L}.
El {D} de {B} se hablará {d} del muelle {a} y de {n}.
Cerca del {C} del gasto {a} irá {d} hacia {n} y {n}.
La sesión {a} empieza a las {H} y {d} {v} a muchos vecinos.
# tiempo
En {L} hubo {T} grados, un frío {a} que {d} {v} {n}.
Cayeron {F} litros de lluvia y el agua {d} {v} {n}.
El viento {a} <|no> girará antes del {W}, dice {d} la estación.
Los equipos {v} {d} {K} barcos y {n} junto al puerto {a}.
Un informe del {Z} {d} {v} {n} y el muelle {a}.
Desde {Y} {P} {v} {d} {n} en la orilla {a}.
La niebla {v} {n} {d}, y una campana {a} sonó mucho tiempo.
"""

_SPANISH_WORDS: Final = """
escuelas iglesias talleres fábricas archivos escaleras anclas islas establos relojes posadas almacenes hoteles
fuentes huertos calles torres puentes

tranquilo estrecho vasto pesado modesto famoso agradable rudo joven antiguo húmedo pálido honesto vivo sólido simple
rápido breve

aprobó inspeccionó describió reparó cerró alabó movió pintó visitó abrió dañó observó mencionó estudió discutió
midió acogió rechazó llevó admiró

pronto despacio todavía temprano juntos raramente luego sobre_todo aquí mañana también casi

Ada Bo Ida Nils Mara Otto Runa Lena Piet

Villa Monte Puerto Campo Río Valle Torre Peña

alba sol mar luz norte fría

enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre

lunes martes miércoles jueves viernes sábado domingo

tres cuatro cinco seis siete ocho nueve diez once doce trece veinte
"""

_RUSSIAN: Final = """
# совет
Совет города {L} в {W} {v} {a} план, где есть {n} и {n}.
Около {N} семей <|не> получат {a} письмо до {B} {Y} года.
Работы стоят {M} =миллионов, их {d} {v} {P} и жители.
Город <всегда|никогда_не> {v} {n} и {a} рынок в {L}.
На {D} {B} {d} назначен {a} разговор про {n} и {n}.
Почти {C} средств {d} пойдут на {n} и {a} причал.
Встреча начнётся в {H}, и её {d} {v} {a} сосед.
# погода
В {L} было {T} градусов, и {a} холод {d} {v} {n}.
Выпало {F} литра дождя, вода {d} {v} {n} и сад.
Ветер <|не> сменится раньше, чем в {W}, {d} считает {a} мастер.
Спасатели {d} {v} {K} лодок и {n} под {a} берег.
Отчёт от {Z} {d} {v} {n} и {a} причал города.
С {Y} года {P} {d} {v} {n} и {a} берег.
Туман {v} {n} {d}, и {a} колокол долго звонил над водой.
"""

_RUSSIAN_WORDS: Final = """
мост сад порт погреб фонарь цех луг тоннель котёл архив сигнал ковёр бочонок фонтан зеркало забор компас маяк остров
дворец якорь канал

тихий узкий старый тяжёлый скромный известный приятный крутой полезный молодой древний яркий сырой бледный честный
живой простой быстрый

одобрил проверил описал починил закрыл похвалил сдвинул посетил открыл увидел отметил изучил обсудил измерил
встретил отверг перенёс очистил

быстро медленно опять часто рано вместе редко вдруг потом скоро иногда здесь

Ада Бо Ида Нильс Мара Отто Руна Лена

Мор Песк Бел Камен Ост Лес Дуб Глин

оград ополь инск овка ово

января февраля марта апреля мая июня июля августа сентября октября ноября декабря

понедельник вторник среду четверг пятницу субботу воскресенье

три четыре пять шесть семь восемь девять десять одиннадцать двенадцать двадцать
"""

_ARABIC: Final = """
# مجلس
مجلس مدينة {L} {v} يوم {W} خطة {a} حول {n} ثم {n}.
نحو {N} أسرة <|لن> تستلم رسالة {a} قبل {B} {Y} بحسب {P}.
تكلف الأعمال {M} =مليون وقد {v} {d} أهل المدينة هذا {n}.
المدينة <دائما|لم> {v} {n} أو ذلك السوق قرب {L}.
في {D} {B} يجري {d} حديث آخر عن {n} ثم {n}.
قرابة {C} من المال تذهب {d} إلى {n} ثم {n}.
# طقس
بلغت الحرارة في {L} نحو {T} درجة وكان البرد {d} {a}.
هطل {F} لتر من المطر والماء {d} {v} {n}.
الريح <|لا> تتغير قبل يوم {W} كما {d} {v} الراصد.
فرق النجدة {v} {d} {K} قوارب مع {n} قرب الشاطئ.
تقرير بتاريخ {Z} {v} {d} {n} ثم رصيف المدينة.
منذ {Y} كان {P} قد {v} {d} {n} على الضفة.
الضباب {v} {n} {d} ورن جرس {a} فوق الماء طويلا.
"""

_ARABIC_WORDS: Final = """
الجسر الميناء الحديقة المدرسة المكتبة المصباح الورشة المرج النفق المخبز الأرشيف السلم البرج النافورة المرآة السور
البوصلة الجزيرة القصر القناة

صغيرة هادئة ضيقة قديمة ثقيلة متواضعة مشهورة لطيفة مفيدة جديدة مشرقة رطبة صادقة بسيطة سريعة

أقر فحص وصف أصلح أغلق مدح نقل زار فتح راقب ذكر درس ناقش قاس رحب حمل نظف

سريعا ببطء أيضا كثيرا مبكرا معا نادرا فجأة لاحقا قريبا أحيانا هنا

آدا نيلز مارا أوتو رونا لينا

رمل صخر نهر بحر شرق غاب

وان ية ين اب

يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر

الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد

ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة
"""

_JAPANESE: Final = """
# 議会
{L}の 議会は {W}に {a} {n}の 計画を <承認した|承認しなかった>。
およそ {N}の 世帯が {B}{D}日までに {a} 手紙を <受け取る|受け取らない>。
工事には {M}百万が かかり、 {d} {P}が {n}を {v}。
町は {d} {n}と {a} 市場を <直した|直さなかった>。
予算の {C}は {d} {n}と {a} {n}に 使われる。
集まりは {H}に 始まり、 {a} 人々が {d} {n}を {v}。
# 天気
{L}では 気温が {T}度まで 下がり、 {a} {n}が {d} 凍った。
雨は {F}ミリに 達し、 水が {d} {n}を {v}。
風は {W}まで {d} 変わると 駅の {a} 係が <話した|話さなかった>。
救助隊は {K}隻の 船と {a} {n}を {d} {v}。
{Z}の 報告は {d} {n}と {a} 岸壁を {v}。
{Y}年から {P}は {d} {a} {n}を {v}。
霧が {n}を {d} 包み、 {a} 鐘が 水の 上で 鳴った。
"""

_JAPANESE_WORDS: Final = """
橋 港 庭 学校 図書館 灯台 工房 牧場 地下道 竈 書庫 看板 梯子 絨毯 煙突 噴水 鏡 生垣 羅針盤 窓 島 宮殿 石切場 運河

小さな 静かな 狭い 古い 広い 重い 穏やかな 有名な 便利な 若い 明るい 湿った 正直な 簡素な 賑やかな

調べた 描いた 直した 閉じた 褒めた 動かした 訪れた 開いた 壊した 眺めた 測った 運んだ 磨いた 守った

急いで ゆっくり 再び よく 早くから 一緒に まれに 突然 後で やがて 時々

アダ ニルス マラ オットー ルナ レナ

砂 石 川 海 東 森 高 松

浜町 崎町 野村 原村 津町

1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月

月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日

三 四 五 六 七 八 九 十 二十
"""

TONGUES: Final[dict[str, Tongue]] = {
    "en": _tongue(
        _ENGLISH, _ENGLISH_WORDS,
        datelines="{L}, {B} {D} (Quaynews) — \n{L} — \n{L}, {W} (QN) - \n{D} {B} {Y}\n\n[{L}] ",
    ),
    "de": _tongue(
        _GERMAN, _GERMAN_WORDS, point=",", thousands=".", numeric_date="{d}.{m}.{y}",
        datelines="{L}, {D}. {B} (kn) – \n{L} (kn) – \n{L} — ",
    ),
    "fr": _tongue(
        _FRENCH, _FRENCH_WORDS, point=",", thousands="\u202f", numeric_date="{d:02}/{m:02}/{y}",
        datelines="{L}, {D} {B} (QN) — \n{L} — ",
    ),
    "es": _tongue(
        _SPANISH, _SPANISH_WORDS, point=",", thousands=".", numeric_date="{d:02}/{m:02}/{y}",
        datelines="{L}, {D} {B} (QN) — \n{L} — ",
    ),
    "ru": _tongue(
        _RUSSIAN, _RUSSIAN_WORDS, point=",", thousands="\u00a0", numeric_date="{d:02}.{m:02}.{y}",
        datelines="{L}, {D} {B} (КН) — \n{L} — ",
    ),
    "ar": _tongue(_ARABIC, _ARABIC_WORDS, numeric_date="{y}/{m}/{d}", datelines="{L} — \n{L} ({D} {B}) — "),
    "ja": _tongue(
        _JAPANESE, _JAPANESE_WORDS, space="", numeric_date="{y}/{m}/{d}", datelines="【{L}、 {B}{D}日】\n【{L}】"
    ),
}  # fmt: skip
