//! The one table of the report's texts, in English and in Russian. `{0}`, `{1}` and so on are
//! placeholders.

use super::bilingual::texts;
use crate::language::Text;

texts! {
    TITLE: "Who is leaving, and whom to win back", "Кто уходит и кого можно вернуть";
    AS_OF: "Customers on {0}, by everything known before that moment. Customers with a purchase: {1}.",
        "Клиенты на {0} по всему, что было известно до этого момента. Клиентов с покупками: {1}.";
    CONTENTS: "Contents", "Содержание";
    H_SHORT: "In short", "Коротко";
    H_STATES: "How many customers are in which state", "Сколько клиентов в каком состоянии";
    H_LEAVING: "Who is leaving, and why", "Кто уходит и почему";
    H_CANDIDATES: "Whom to win back", "Кого можно вернуть";
    H_DUE: "Whose silence will soon mean goodbye", "Чьё молчание скоро будет означать уход";
    H_QUALITY: "How good are these predictions?", "Насколько верны прогнозы?";
    H_RETENTION: "Do customers come back?", "Возвращаются ли клиенты?";
    H_LOYALTY: "Loyal, neutral and vulnerable customers", "Лояльные, нейтральные и уязвимые клиенты";
    H_NPS: "What customers say in surveys", "Что клиенты говорят в опросах";
    H_SERVICE: "Support, and what came after", "Поддержка и что было потом";
    H_EVENTS: "What customers do besides buying", "Что клиенты делают помимо покупок";
    H_WORDS: "What the words mean", "Что значат слова";
    H_MADE: "How this report was made", "Как сделан отчёт";

    // Spans of time to come.
    WINDOW: "in the next {0}", "за следующие {0}";
    WINDOW_LATER: "in the {0} that begin {1} after that day",
        "за {0}, которые начнутся через {1} после этой даты";
    WINDOW_PAST: "in the {0} that followed", "за следующие {0}";
    WINDOW_PAST_LATER: "in the {0} that began {1} later", "за {0}, начиная через {1}";

    // In short.
    FACT_ACTIVE: "active: bought in the last {0}", "активны: покупали за последние {0}";
    FACT_LAPSED: "lapsed: silent for {0} or longer, but not for {1} yet", "замолчали: молчат {0} или дольше, но меньше чем {1}";
    FACT_LOST: "lost: silent for {0} or longer", "потеряны: молчат {0} или дольше";
    FACT_RISK: "active customers likelier to leave than to stay",
        "из активных скорее уйдут, чем останутся";
    FACT_STAKE: "spent by these customers in the last 365 days",
        "потратили эти клиенты за последние 365 дней";
    FACT_VALUE: "expected from lapsed customers {0}",
        "ожидается от замолчавших клиентов {0}";
    FACT_RETURNS: "lapsed customers expected to buy {0}", "замолчавших, от которых ожидается покупка {0}";
    SHORT_CHANGE: "Active customers: {0} now, {1} on {2} ({3}).",
        "Активных клиентов: сейчас {0}, на {2} было {1} ({3}).";
    SHORT_RISK: "Active customers: {0}. Likelier to leave than to stay: {1} ({2}). Not all of these will \
        leave, and some of the others will: about {3} of the active ones are expected to buy nothing {4}.",
        "Активных клиентов: {0}. Скорее уйдут, чем останутся: {1} ({2}). Уйдут не все из них, но уйдёт и \
        часть остальных: по прогнозу, {4} ничего не купят около {3} активных.";
    WITHIN_CONTRACT: "Active customers within a contract that outlasts this time: {0}. That they buy nothing \
        until then means nothing: they do not count among those who leave.",
        "Активных клиентов, чей договор действует дольше этого срока: {0}. То, что до тех пор они ничего не \
        купят, ничего не значит: среди уходящих они не считаются.";
    SILENT_WITHIN_CONTRACT: "Lapsed and lost customers within a running contract: {0}. Their silence means \
        nothing either: the limits of silence are too short for these contracts.",
        "Замолчавших и потерянных клиентов с действующим договором: {0}. Их молчание тоже ничего не \
        значит: пределы молчания для таких договоров слишком малы.";
    RENEWED: "Contract periods that are over: {0}. Renewed: {1} ({2}).",
        "Истёкших периодов договоров: {0}. Продлено: {1} ({2}).";
    SHORT_STAKE: "Those {0} spent {1} in the last 365 days: {2} of what all active customers spent.",
        "Эти {0} потратили за последние 365 дней {1}: {2} трат всех активных клиентов.";
    SHORT_REASON: "What speaks against their next purchase most often: {0} ({1} of {2}).",
        "Что чаще всего говорит против их следующей покупки: {0} ({1} из {2}).";
    SHORT_LAPSED: "Lapsed customers: {0}. About {1} of them are expected to come back {2}; the list below \
        begins with those from whom most is to be expected.",
        "Замолчавших клиентов: {0}. По прогнозу, около {1} из них купят снова {2}; список ниже начинается \
        с тех, от кого ожидается больше всего.";
    SHORT_QUALITY: "Tested on the past: of the tenth of active customers that the model named the likeliest \
        to leave, {0} left; of a tenth drawn at random it would be {1}.",
        "Проверка на прошлом: из десятой доли активных клиентов, которых модель назвала самыми склонными \
        к уходу, ушли {0}; из случайной десятой доли ушли бы {1}.";
    SHORT_UNTESTED: "The predictions could not be tested on the past; see below.",
        "Проверить прогнозы на прошлом не удалось, см. ниже.";

    // States.
    STATES_TABLE: "Customers by state on {0}", "Клиенты по состояниям на {0}";
    STATE: "State", "Состояние";
    MEANS: "Meaning", "Что это значит";
    CUSTOMERS: "Customers", "Клиентов";
    SHARE: "Share", "Доля";
    SPEND_365: "Spent in the last 365 days", "Потрачено за последние 365 дней";
    ACTIVE: "active", "активные";
    LAPSED: "lapsed", "замолчавшие";
    LOST: "lost", "потерянные";
    ALL_CUSTOMERS: "all", "все";
    MEANS_ACTIVE: "bought in the last {0}", "покупали за последние {0}";
    MEANS_LAPSED: "silent for {0} or longer, but not for {1} yet", "молчат {0} или дольше, но ещё не {1}";
    MEANS_LOST: "silent for {0} or longer", "молчат {0} или дольше";
    CHANGE_SENTENCE: "From {0} to {1}: active {2} → {3}, lapsed {4} → {5}, lost {6} → {7}.",
        "С {0} по {1}: активные {2} → {3}, замолчавшие {4} → {5}, потерянные {6} → {7}.";
    LOST_ADD_UP: "The lost add up over time: the only way out of this group is a new purchase.",
        "Потерянные накапливаются: из этой группы выходят только новой покупкой.";
    LAST_PERIOD: "In the last of these periods, {0}: new customers {1}; fell silent (active before, \
        lapsed now) {2}; became lost {3}; came back {4}.",
        "За последний из этих периодов, {0}: новых клиентов {1}, замолчали (были активны) {2}, стали \
        потерянными {3}, вернулись {4}.";
    FLOW_CHART: "Customers by state on the dates below", "Клиенты по состояниям на даты внизу";
    FLOW_CHART_ALT: "Stacked bars of the customers by state from {0} to {1}. First: {2} active, {3} lapsed, \
        {4} lost. Last: {5} active, {6} lapsed, {7} lost. All figures are in the table below.",
        "Столбцы по состояниям клиентов с {0} по {1}. Первый: активных {2}, замолчавших {3}, потерянных \
        {4}. Последний: активных {5}, замолчавших {6}, потерянных {7}. Все числа в таблице ниже.";
    FLOW_DETAILS: "All periods in figures", "Все периоды в числах";
    FLOW_TABLE: "States at the end of each period, and who moved in it",
        "Состояния на конец каждого периода и кто куда перешёл";
    END_OF_PERIOD: "Period", "Период";
    NEW: "New", "Новые";
    FELL_SILENT: "Fell silent", "Замолчали";
    BECAME_LOST: "Became lost", "Потеряны";
    CAME_BACK: "Came back", "Вернулись";
    NO_FLOW: "The log is too short to say how the states changed: a customer must have had the time to be lost.",
        "Данные слишком коротки, чтобы сказать, как менялись состояния: клиент должен был успеть стать потерянным.";
    LATE_ROWS: "The last column of the picture may differ from the table by events that became known \
        after {0}.",
        "Последний столбец графика может отличаться от таблицы на события, ставшие известными после {0}.";

    // Leaving.
    LEAVING_NONE: "No active customer has a chance of leaving of 50 % or more.",
        "Активных клиентов с вероятностью ухода 50 % или больше нет.";
    LEAVING_INTRO: "A customer leaves, for this report, who buys nothing {0}. {1} of {2} active customers \
        have a chance of 50 % or more of that. They are grouped by what speaks most against a purchase; \
        this is what the model sees in the data, not a proven cause.",
        "Ушедшим здесь считается клиент, который ничего не купит {0}. Активных клиентов {2}, вероятность \
        ухода 50 % или больше у {1} из них. Они разделены по тому, что сильнее всего говорит против покупки: \
        это то, что модель видит в данных, а не доказанная причина.";
    RISK_CHART: "Customers likelier to leave than to stay, by main reason",
        "Клиенты, которые скорее уйдут, по главной причине";
    RISK_GROUPS: "Customers likelier to leave than to stay, by what speaks most against a purchase",
        "Клиенты, которые скорее уйдут, по тому, что сильнее всего говорит против покупки";
    MAIN_REASON: "Main reason", "Главная причина";
    MEAN_CHANCE: "Mean chance of leaving", "Средняя вероятность ухода";
    OTHER_REASONS: "others", "прочее";
    RISK_TOP: "The {0} of them from whom most is at stake (chance of leaving × spent in 365 days), of {1}",
        "{0} из {1}, с кем связано больше всего денег (вероятность ухода × траты за 365 дней)";
    RISK_TOP_PLAIN: "The {0} of them with the highest chance of leaving, of {1}",
        "{0} из {1} с самой высокой вероятностью ухода";
    CUSTOMER: "Customer", "Клиент";
    CHANCE_LEAVING: "Chance of leaving", "Вероятность ухода";
    LAST_PURCHASE: "Last purchase", "Последняя покупка";
    PURCHASES: "Purchases", "Покупок";
    AGAINST: "What speaks against a purchase", "Что говорит против покупки";

    // Candidates.
    CANDIDATES_NONE: "No customer is lapsed on this day, so that there is nobody to win back.",
        "На эту дату замолчавших клиентов нет, возвращать некого.";
    DUE_INTRO: "Of the active customers, {0} have an alarm date within the next 30 days: if they buy nothing until \
        then, they have left with a chance of 90 %, by their own rhythm. Together they would spend {1} in the \
        next year.",
        "Активных клиентов, у которых в ближайшие 30 дней наступает дата тревоги: {0}. Если до неё они ничего не \
        купят, то, судя по их собственному ритму, с вероятностью 90 % они ушли. Вместе за следующий год от них \
        ожидается {1}.";
    DUE_UNKNOWN: "When a silence means that a customer has left is not known: customers showed no sign of leaving when \
        the model was trained, or there were too few of them to tell.",
        "Неизвестно, какое молчание означает уход: когда модель обучалась, не было признаков, что клиенты уходят, \
        или клиентов было слишком мало.";
    DUE_NEXT: "Next purchase expected", "Ожидаемая покупка";
    DUE_ALARM: "Alarm date", "Дата тревоги";
    DUE_VALUE: "Expected spend of a year", "Ожидаемые траты за год";
    DUE_TABLE: "The {0} of {1} from whom most is expected", "{0} из {1}, от кого ожидается больше всего";
    CANDIDATES_INTRO: "Candidates are all lapsed customers, silent for {1} or longer, but not for {2} \
        yet: {0}. The list is by expected value: the chance of a purchase {3}, times \
        the number of purchases and the check then to be expected. Many come back without being asked; what a \
        campaign changes is seen only by leaving some customers out of it and comparing.",
        "Кандидаты на возврат: все, кто молчит {1} или дольше, но ещё не {2}; всего {0}. Список \
        упорядочен по ожидаемой ценности: шанс покупки {3}, умноженный на ожидаемые тогда число покупок и \
        чек. Многие возвращаются сами; что даёт кампания, видно, только если часть клиентов в неё не включать и сравнить.";
    CANDIDATES_INTRO_PLAIN: "Candidates are all lapsed customers, silent for {1} or longer, but not for \
        {2} yet: {0}. The list is by the chance of a purchase {3}, for the log has no amounts. Many come back \
        without being asked; what a campaign changes is seen only by leaving some customers out of it and \
        comparing.",
        "Кандидаты на возврат: все, кто молчит {1} или дольше, но ещё не {2}; всего {0}. Список \
        упорядочен по шансу покупки {3}: сумм в данных нет. Многие возвращаются сами; что даёт кампания, \
        видно, только если часть клиентов в неё не включать и сравнить.";
    CONTROL_INTRO: "Marked “leave alone” in this list: {0}. Who is marked so is not contacted, so that the \
        campaign's effect can be measured (drawn at random, share asked for: {1}).",
        "Отмечено «не трогать» в этом списке: {0}. С отмеченными не связываются, чтобы можно было измерить \
        эффект кампании (случайный отбор, заданная доля: {1}).";
    CANDIDATES_TABLE: "The first {0} of {1} candidates", "Первые {0} из {1} кандидатов";
    RANK: "Rank", "Место";
    AVERAGE_CHECK: "Average check", "Средний чек";
    CHANCE_RETURN: "Chance of return", "Шанс возврата";
    EXPECTED_VALUE: "Expected value", "Ожидаемая ценность";
    WHAT_TO_DO: "What to do", "Что делать";
    CONTACT: "contact", "связаться";
    LEAVE_ALONE: "leave alone", "не трогать";
    WHY_UP_DOWN: "What speaks for (+) and against (−) a return", "Что говорит за (+) и против (−) возврата";
    NO_REASON: "no single reason", "нет одной причины";
    CANDIDATES_REST: "The other {0} candidates have a mean chance of return of {1}.",
        "У остальных {0} кандидатов средний шанс возврата {1}.";
    CANDIDATES_REST_VALUE: "The other {0} candidates have a mean chance of return of {1} and an expected \
        value of {2} together, against {3} of those listed.",
        "У остальных {0} кандидатов средний шанс возврата {1}, их ожидаемая ценность вместе {2}, у \
        перечисленных {3}.";

    // Quality.
    QUALITY_HOW: "How it was tested: for past days, {0} in all ({1}), the model was trained anew with only what \
        was known then. Its predictions were then compared with what customers really did {2}.",
        "Как проверяли: для каждой из прошлых дат (всего {0}: {1}) модель обучили заново только на том, что \
        было известно тогда, и сравнили её прогнозы с тем, что клиенты действительно сделали {2}.";
    QUALITY_OFF: "No test was asked for, so that nothing is known of how good the predictions are.",
        "Проверка не заказана: насколько верны прогнозы, неизвестно.";
    QUALITY_SHORT: "The log reaches back too short a time, or has too few customers, to train a model on the \
        past and see what came after. How good the predictions are is not known yet: treat them as a first \
        guess.",
        "Данных за прошлое слишком мало, чтобы обучить модель на прошлом и посмотреть, что было потом. \
        Насколько верны прогнозы, пока неизвестно: считайте их предварительными.";
    QUALITY_WHY: "Why there was no test", "Почему проверки не было";
    Q_ACTIVE: "Active customers: who leaves", "Активные клиенты: кто уходит";
    Q_LAPSED: "Lapsed customers: who comes back", "Замолчавшие клиенты: кто возвращается";
    Q_LOST: "Lost customers: who comes back", "Потерянные клиенты: кто возвращается";
    Q_TENTH: "From each state, look at the tenth of customers that the model named the likeliest to leave, or to \
        come back: the bars show how many of them really did, beside a tenth picked by the length of silence and a \
        tenth picked at random.",
        "Из каждого состояния взята десятая доля клиентов, которых модель назвала самыми вероятными на уход или на \
        возврат: полосы показывают, сколько из них действительно ушли или вернулись, рядом с десятой долей по длине \
        молчания и десятой долей наугад.";
    Q_LEFT: "Of the model's tenth {0} left, against {1} by silence and {2} at random.",
        "Из выбранных моделью ушли {0}, по молчанию {1}, наугад {2}.";
    Q_CAME: "Of the model's tenth {0} came back, against {1} by silence and {2} at random.",
        "Из выбранных моделью вернулись {0}, по молчанию {1}, наугад {2}.";
    Q_LEVEL_LEFT: "In all it expected {0} to leave; {1} did.", "Всего она ожидала ухода {0}, ушли {1}.";
    Q_LEVEL_CAME: "In all it expected {0} to come back; {1} did.",
        "Всего она ожидала возврата {0}, вернулись {1}.";
    Q_TOO_LOW: "Its chances were too low here.", "Здесь её вероятности были занижены.";
    Q_TOO_HIGH: "Its chances were too high here.", "Здесь её вероятности были завышены.";
    Q_BETTER_ALL: "In every state shown, the model tells customers apart better than both simple ways do.",
        "Во всех показанных состояниях модель различает клиентов лучше обоих простых способов.";
    Q_BETTER: "In telling these customers apart the model beats both simple ways.",
        "Модель различает этих клиентов лучше, чем оба простых способа.";
    Q_BETTER_NOT_FIRST: "Over all of these customers the model ranks better than the length of their silence alone, but \
        the tenth that it picks is no better than that picked by silence.",
        "По всем этим клиентам модель упорядочивает лучше, чем одна лишь длина молчания, но выбранная ею десятая доля \
        не лучше выбранной по молчанию.";
    Q_NOT_RECENCY: "Over all of these customers the model ranks no better than the length of their silence alone: \
        go by that instead.",
        "По всем этим клиентам модель упорядочивает не лучше, чем одна лишь длина молчания: здесь \
        надёжнее смотреть на неё.";
    Q_NOT_CHANCE: "The model does not tell these customers apart clearly better than chance: do not rely on their \
        order.",
        "Модель различает этих клиентов не явно лучше случая: на их порядок не полагайтесь.";
    HIT_CHART_LEFT: "How many of the tenth picked really left", "Сколько из отобранной десятой доли действительно ушли";
    HIT_CHART_CAME: "How many of the tenth picked really came back",
        "Сколько из отобранной десятой доли действительно вернулись";
    BY_MODEL: "picked by the model", "отобраны моделью";
    BY_LONGEST: "silent longest", "молчат дольше всех";
    BY_SHORTEST: "silent for the shortest time", "молчат меньше всех";
    AT_RANDOM: "picked at random", "отобраны наугад";
    SPECIALIST: "For the specialist: figures and intervals", "Специалисту: показатели и интервалы";
    Q_TABLE: "Mean of the test cutoffs; in brackets the 95 % interval ({0} draws of customers)",
        "Среднее по проверочным датам; в скобках 95 % интервал (выборок клиентов: {0})";
    Q_TABLE_PLAIN: "Mean of the test cutoffs", "Среднее по проверочным датам";
    MEASURE: "Measure", "Показатель";
    MODEL: "Model", "Модель";
    RECENCY: "Days since last purchase", "Дней с последней покупки";
    MBG_NBD: "Model of purchases", "Модель покупок";
    M_AUC: "AUC (0.5: chance, 1: perfect)", "AUC (0,5: случай, 1: без ошибок)";
    M_AP: "average precision", "средняя точность";
    M_LOG_LOSS: "log loss", "логарифмические потери";
    M_BRIER: "Brier score", "оценка Брайера";
    M_SLOPE: "calibration slope", "наклон калибровки";
    M_ECE: "expected calibration error", "ожидаемая ошибка калибровки";
    M_LIFT: "lift in the top 10 %", "прирост в верхних 10 %";
    M_CUSTOMERS: "customers a cutoff", "клиентов на дату";
    M_RATE: "share with the outcome", "доля с исходом";
    M_WORST: "AUC, worst cutoff", "AUC, худшая дата";
    RHYTHM_WARNING: "Many customers come at a calendar rhythm ({0}). Limits of {1} and {2} call customers lapsed \
        or lost who only wait for their turn: longer limits fit this business better.",
        "Многие клиенты покупают в календарном ритме ({0}). При границах {1} и {2} замолчавшими или потерянными \
        считаются и те, кто просто ждёт своего срока: этому делу подходят границы длиннее.";
    MONTHLY: "monthly", "раз в месяц";
    QUARTERLY: "quarterly", "раз в квартал";
    HALF_YEARLY: "half-yearly", "раз в полгода";
    YEARLY: "yearly", "раз в год";

    // Retention.
    RETENTION_LAST: "Of {0} customers with a purchase in the period {1}, {2} ({3}) bought again in the period {4}.",
        "Клиентов с покупкой в период {1}: {0}. Снова купили в период {4}: {2} ({3}).";
    RETENTION_MONEY: "For every 100 that these customers spent in the first period, they spent {0} in the second.",
        "На каждые 100, потраченные этими клиентами в первый период, во второй пришлось {0}.";
    RETENTION_CHART: "Share of the customers of the period before who bought again, with 95 % intervals, by first day \
        of the period",
        "Доля клиентов предыдущего периода, купивших снова, с 95 % интервалами, по первому дню периода";
    RETENTION_ALT: "The share by period: {0}. All figures are in the table below.",
        "Доля по периодам: {0}. Все числа в таблице ниже.";
    RETENTION_TABLE: "Customers of the period before who bought again",
        "Клиенты предыдущего периода, купившие снова";
    RETENTION_DETAILS: "Retention in figures", "Удержание в числах";
    BEFORE: "Bought before", "Покупали до этого";
    AGAIN: "Bought again", "Купили снова";
    REACTIVATED: "Back after a pause", "После перерыва";
    NO_RETENTION: "There are not two periods with purchases yet to compare.",
        "Двух периодов с покупками для сравнения пока нет.";
    COHORTS_H: "By first purchase", "По первой покупке";
    COHORTS_HOW: "Read a row from left to right: how many of those who first bought in the same period bought \
        again one, two and more periods later. Read a column from top to bottom: whether newer customers stay \
        better than older ones. Empty: not over yet. The first row may hold older customers, whose \
        earlier purchases lie before the data.",
        "Строка слева направо: сколько из впервые купивших в одном периоде купили снова через один, два и больше \
        периодов. Столбец сверху вниз: удерживаются ли новые клиенты лучше прежних. Пусто: период ещё не закончился. В \
        первой строке могут быть и старые клиенты, чьи прежние покупки были до начала данных.";
    COHORTS_TABLE: "Share of customers who bought in that period, by period of the first purchase",
        "Доля купивших в периоде, по периоду первой покупки";
    FIRST_PURCHASE: "First purchase", "Первая покупка";

    // Loyalty.
    LOYALTY_HOW: "By rules that can be read, signs of danger first: late by the customer's own rhythm, buying less \
        often, unhappy, or likely to leave is vulnerable; buying often and on time, likely to stay, or a promoter \
        is loyal. All customers with a purchase count, the lost ones too, who are late nearly always.",
        "По правилам, которые можно прочесть, сначала признаки опасности: уязвим, кто опаздывает против своего \
        ритма, покупает реже, недоволен или вероятно уйдёт; лоялен, кто покупает часто и вовремя, вероятно \
        останется или готов рекомендовать. Учтены все клиенты с покупками, в том числе потерянные, которые почти \
        всегда опаздывают.";
    LOYALTY_TABLE: "Customers by loyalty", "Клиенты по лояльности";
    GROUP: "Group", "Группа";
    REVENUE_SHARE: "Share of all they ever spent", "Доля всех трат за всё время";
    LOYAL: "loyal", "лояльные";
    NEUTRAL: "neutral", "нейтральные";
    VULNERABLE: "vulnerable", "уязвимые";
    OF_THEM_ACTIVE: "Of them active", "Из них активных";
    SIGNS: "Most frequent signs", "Самые частые признаки";
    LOYALTY_DETAILS: "The rules, in their order", "Правила по порядку";
    RULES_TABLE: "The first rule that fits decides", "Решает первое подошедшее правило";
    RULE: "Rule", "Правило";
    CONDITIONS: "Conditions", "Условия";
    LEFT_OUT: "left out: no data", "пропущено: нет данных";
    NO_RULE: "no rule above", "ни одно из правил";

    // Surveys and support.
    NPS_TEXT: "Net Promoter Score of the {0} answers since {6}: {1} (95 % interval {2} to {3}). Of 100 answers {4} would \
        recommend (9 or 10), {5} would not (0 to 6). It ranges from −100 to 100.",
        "Индекс NPS по ответам с {6} ({0}): {1} (95 % интервал от {2} до {3}). Из 100 ответов {4} готовы \
        рекомендовать (9 или 10), {5} нет (от 0 до 6). Индекс лежит от −100 до 100.";
    NPS_CHART: "Net Promoter Score with 95 % intervals, by first day of the period",
        "NPS с 95 % интервалами, по первому дню периода";
    NPS_ALT: "The score by period: {0}. All figures are in the table below.",
        "Индекс по периодам: {0}. Все числа в таблице ниже.";
    NPS_TABLE: "Net Promoter Score by period", "NPS по периодам";
    NPS_DETAILS: "Surveys in figures", "Опросы в числах";
    ANSWERS: "Answers", "Ответов";
    SCORE: "Score", "Индекс";
    INTERVAL: "95 % interval", "95 % интервал";
    ENDS: "{0} to {1}", "от {0} до {1}";
    SERVICE_TEXT: "For each ticket it was seen whether the customer bought {0}, counted from {1} after the ticket was \
        opened. Beside them stand similar customers without a ticket. This does not say that service is the cause: \
        who has a hard problem may differ in other ways too.",
        "Для каждого обращения смотрели, купил ли клиент {0}, считая через {1} после обращения. Рядом похожие \
        клиенты без обращения. Это не значит, что дело в поддержке: клиенты с трудными вопросами могут отличаться \
        и другим.";
    SERVICE_WINDOW: "within {0}", "за {0}";
    SERVICE_TABLE: "Purchases after support tickets", "Покупки после обращений в поддержку";
    HANDLING: "The ticket was", "Обращение";
    TICKETS: "Tickets", "Обращений";
    BOUGHT_AFTER: "Bought afterwards", "Купили потом";
    NO_TICKET: "(similar customers without a ticket)", "(похожие клиенты без обращения)";
    RESOLVED_FAST: "resolved within {0} hours", "решено за {0} ч";
    RESOLVED_SLOWLY: "resolved later", "решено позже";
    REOPENED: "reopened", "открыто снова";
    UNRESOLVED: "not resolved", "не решено";

    EVENTS_TEXT: "How often active customers bought within {0}, and how often they fell silent for {1}, after an event \
        of a kind in the {2} before: so many times as often as active customers without one who had bought as \
        recently and as often. This does not say that the event is the cause.",
        "Во сколько раз чаще активные клиенты покупали за {0} и замолкали на {1} после события этого вида за \
        предшествующие {2}, чем активные клиенты без него, которые покупали столь же недавно и часто. Это не значит, \
        что дело в событии.";
    EVENTS_TABLE: "Events by kind", "События по видам";
    KIND: "Kind", "Вид";
    EVENTS: "Events", "Событий";
    OF_CUSTOMERS: "Of all customers", "От всех клиентов";
    THEN_BOUGHT: "Bought then, times as often", "Потом покупали, во сколько раз чаще";
    THEN_SILENT: "Fell silent, times as often", "Замолкали, во сколько раз чаще";
    LIFT: "{0} ({1} to {2})", "{0} (от {1} до {2})";

    // Words and making.
    W_STATES: "Active, lapsed, lost", "Активные, замолчавшие, потерянные";
    W_STATES_TEXT: "By the time since the last purchase: active customers bought in the last {0}; lapsed ones have \
        been silent for {0} or longer, but not for {1} yet; lost ones for {1} or longer. These limits were chosen when \
        the model was trained.",
        "По времени с последней покупки: активные покупали за последние {0}; замолчавшие молчат {0} или дольше, но ещё \
        не {1}; потерянные молчат {1} или дольше. Эти границы заданы при обучении модели.";
    W_CUTOFF: "Cutoff", "Дата отсечки";
    W_CUTOFF_TEXT: "The moment of this report, {0}. Nothing that happened or became known at or after it was used for \
        its predictions.",
        "Момент отчёта, {0}. Для прогнозов не использовано ничего, что произошло или стало известно в этот момент или \
        позже.";
    W_CUTOFF_PAST: "The moment of this report, {0}. The model was trained on outcomes up to {1}, after this moment: \
        its predictions look better here than they would have been then.",
        "Момент отчёта, {0}. Модель обучена на исходах до {1}, то есть позже этого момента: её прогнозы выглядят здесь \
        лучше, чем были бы тогда.";
    W_CHANCE: "Chance of leaving, chance of return", "Вероятность ухода, шанс возврата";
    W_CHANCE_TEXT: "The model's probability that a customer buys nothing (leaves) or buys at least once (returns) {0}. \
        Of 100 customers with a chance of 30 %, about 30 should do so; of a single one nobody knows.",
        "Вероятность по модели, что клиент ничего не купит (уйдёт) или купит хотя бы раз (вернётся) {0}. Из 100 клиентов \
        с вероятностью 30 % так должны поступить около 30; об отдельном клиенте никто не знает.";
    W_VALUE: "Expected value", "Ожидаемая ценность";
    W_VALUE_TEXT: "Chance of return × days with a purchase then to be expected × net spend to be expected on such a day: \
        the revenue of the customers' purchases, weighed by how likely they are. It is no profit, and not what a \
        contact adds.",
        "Шанс возврата × ожидаемое тогда число дней с покупкой × ожидаемые чистые траты в такой день: выручка \
        от покупок с учётом их вероятности. Это не прибыль и не то, что добавит обращение к клиенту.";
    W_SPENT: "Spent", "Потрачено";
    W_SPENT_TEXT: "Net amounts, returns taken off, in the currency of the data.",
        "Чистые суммы за вычетом возвратов, в валюте данных.";
    W_REASON: "Reasons", "Причины";
    W_REASON_TEXT: "Groups of facts (how often a customer buys, how long ago, tickets and so on) that move the model's \
        chance for this customer most, against a typical customer of the same state. They show what the model looked at, \
        not what caused anything.",
        "Группы фактов (как часто и как давно клиент покупал, обращения и так далее), которые сильнее всего двигают \
        вероятность этого клиента против типичного клиента того же состояния. Они показывают, на что смотрела модель, \
        а не что стало причиной.";
    W_INTERVAL: "95 % interval", "95 % интервал";
    W_INTERVAL_TEXT: "How exact a figure is: found again in the same way from other customers of this kind, the \
        interval would hold the true value in 95 of 100 cases.",
        "Насколько точно число: если искать его так же по другим таким клиентам, интервал содержал бы истинное значение \
        в 95 случаях из 100.";
    MADE_TABLE: "Data, model and version", "Данные, модель и версия";
    WHAT: "What", "Что";
    VALUE: "Value", "Значение";
    R_CUTOFF: "cutoff", "дата отсечки";
    R_WINDOW: "data from – to", "данные с – по";
    R_COMPLETE: "data complete up to, not including", "данные полны до (не включая)";
    R_ROWS: "transaction rows read", "прочитано строк покупок";
    R_LEFT_OUT: "of them left out (no customer id, a cell that cannot be used, or amount zero)",
        "из них пропущено (без клиента, с негодной ячейкой или с нулевой суммой)";
    R_PURCHASES: "purchases formed from them", "из них составлено покупок";
    R_WITHOUT: "customers without a purchase before the cutoff (not scored)",
        "клиентов без покупки до даты отсечки (без оценки)";
    R_MODEL: "model", "модель";
    R_AVERAGE: "mean of regressions and boosted trees", "среднее регрессий и бустинга";
    R_LOGISTIC: "logistic regression", "логистическая регрессия";
    R_TREE: "decision tree", "дерево решений";
    R_BOOSTING: "boosted trees", "градиентный бустинг";
    R_HORIZON: "predicts purchases within", "предсказывает покупки за";
    R_LEAD: "pause before that", "пауза перед этим";
    R_TRAINED: "trained on what was known before", "обучена на известном до";
    R_CUTOFFS: "training cutoffs", "дат обучения";
    R_TRAINED_CUSTOMERS: "customers in training", "клиентов при обучении";
    R_HASH: "fingerprint of the training data", "отпечаток данных обучения";
    R_CONTROL: "control share asked for, and its salt", "заданная доля контроля и её соль";
    R_TESTS: "tests, their spacing, draws, seed", "проверок, шаг, выборок, зерно";
    R_VERSION: "made by", "сделано программой";
    LOST_SCORED: "Too few lost customers returned while the model was trained: their chances lean on what lapsed \
        customers did, and can be off.",
        "При обучении вернулось слишком мало потерянных клиентов: их вероятности опираются на поведение замолчавших и \
        могут быть неточны.";
    FOOT: "The same data, model and settings give the same report.",
        "Одни и те же данные, модель и настройки дают один и тот же отчёт.";
}

/// Without a value.
pub(super) const JUST_NONE: Text = ["–", "–"];
/// Singular, plural; in Russian after 1, 2 and 5.
pub(super) const MONTH: [[&str; 3]; 2] =
    [["month", "months", "months"], ["месяц", "месяца", "месяцев"]];
pub(super) const DAY: [[&str; 3]; 2] = [["day", "days", "days"], ["день", "дня", "дней"]];
pub(super) const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
];
pub(super) const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The default loyalty rules by their names.
pub(super) const RULES: [(&str, Text); 12] = [
    ("detractor", ["would not recommend", "не рекомендует"]),
    ("waiting for help", ["waiting for help", "ждёт помощи"]),
    ("help did not last", ["help did not last", "помогли ненадолго"]),
    ("unhappy with help", ["unhappy with help", "недоволен помощью"]),
    ("slow help", ["slow help", "помогали долго"]),
    ("long overdue", ["long overdue by the own rhythm", "давно опаздывает против своего ритма"]),
    ("likely to churn", ["likely to leave", "вероятно уйдёт"]),
    ("buys half as often", ["buys half as often", "покупает вдвое реже"]),
    ("promoter", ["would recommend", "готов рекомендовать"]),
    ("buys often and on time", ["buys often and on time", "покупает часто и вовремя"]),
    ("likely to stay", ["likely to stay", "вероятно останется"]),
    ("otherwise", ["no sign either way", "без признаков"]),
];

#[cfg(test)]
mod tests {
    use super::super::bilingual::check;
    use super::*;
    use crate::segments::LoyaltyRules;

    #[test]
    fn both_languages_have_the_same_places_and_their_own_letters() {
        assert!(ALL.len() > 150);
        check(ALL, &["M_AUC"]);
    }

    #[test]
    fn every_default_loyalty_rule_has_a_text() {
        for rule in LoyaltyRules::default().rules {
            assert!(RULES.iter().any(|(name, _)| *name == rule.name), "{}", rule.name);
        }
    }
}
