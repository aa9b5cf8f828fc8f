//! The texts of the page on a campaign.

use super::super::bilingual::texts;
use crate::language::Text;

texts! {
    TITLE: "What the campaign changed", "Что изменила кампания";
    LEAD: "Customers: {0}. Outcomes from {1}.", "Клиентов: {0}. Результаты за {1}.";
    LEAD_TABLE: "Customers: {0}.", "Клиентов: {0}.";
    FOOT: "The same data and settings give the same page.",
        "Одни и те же данные и настройки дают одну и ту же страницу.";
    H_SHORT: "In short", "Коротко";
    H_PLAN: "What was planned", "Что было запланировано";
    H_WHO: "Who was in it", "Кто участвовал";
    H_WORKED: "Did it work?", "Сработало ли?";
    H_MONEY: "In money", "В деньгах";
    H_BY_WHOM: "For whom it worked", "Для кого сработало";
    H_NEXT: "What next", "Что дальше";
    H_WORDS: "What the words mean", "Что значат слова";
    H_MADE: "How this page was made", "Как сделана страница";

    // Names of outcomes that a log tells.
    PURCHASED: "customers with a purchase", "клиентов с покупкой";
    PURCHASES: "purchases a customer", "покупок на клиента";
    SPEND: "spend a customer", "трат на клиента";
    TICKETS: "tickets a customer", "обращений на клиента";
    POINTS: "pp", "п. п.";

    // In short.
    FACT_CUSTOMERS: "customers drawn, {0} of them control", "клиентов, из них контроль: {0}";
    FACT_EFFECT: "{0} ({1}): {2}", "{0} ({1}): {2}";
    FACT_PROFIT: "profit of {0}: {1}", "прибыль, {0}: {1}";
    FACT_PAID: "chance that {0} paid for itself", "вероятность, что {0} окупилось";
    INTERIM: "This is an interim result: the window ends on {0}, and outcomes are known up to {1}. The intervals \
        below may be looked at every day; there is no verdict before the end.",
        "Это промежуточный результат: окно закончится {0}, результаты известны до {1}. На интервалы ниже можно \
        смотреть каждый день; вердикта до конца окна нет.";

    // The plan.
    NO_PLAN: "No file of a plan was given: what was to be looked at, and how the arms were drawn, is not known \
        to this page.",
        "Файл плана не передан: что собирались измерять и как распределяли группы, странице неизвестно.";
    PLAN_TABLE: "The plan, as it was recorded when the arms were drawn",
        "План в том виде, в каком он записан при распределении групп";
    P_ARMS: "arms and shares", "группы и доли";
    P_CONTROL: "not contacted", "без контакта";
    P_METHOD: "how arms were drawn", "как распределяли";
    P_PLAIN: "at random, by the salt and the id", "случайно, по соли и идентификатору";
    P_BALANCED: "at random among neighbours, so that arms are alike in {0}",
        "случайно среди соседей, чтобы группы были похожи по: {0}";
    P_SALT: "salt", "соль";
    P_METRIC: "the outcome that decides", "решающий показатель";
    P_WINDOW: "outcomes count for", "результаты считаются";
    P_START: "start", "начало";
    P_CUSTOMERS: "customers drawn", "клиентов распределено";
    EXCLUDED_TABLE: "Left out before arms were drawn", "Исключены до распределения";
    REASON: "Reason", "Причина";
    X_DO_NOT_CONTACT: "must not be contacted", "запрет на контакты";
    X_OPEN_TICKET: "has an open ticket", "есть открытое обращение";
    X_CONTACTED: "was contacted lately", "недавно был контакт";
    X_OTHER_CAMPAIGN: "is in another campaign", "участвует в другой кампании";
    NOBODY_EXCLUDED: "Nobody was left out before arms were drawn.", "До распределения никого не исключали.";

    // Who.
    ARMS_TABLE: "Customers of each arm", "Клиенты по группам";
    ARM: "Arm", "Группа";
    PLANNED_SHARE: "Planned share", "Доля по плану";
    DRAWN_SHARE: "Share", "Доля";
    CONTACTED: "Contacted in the window", "Был контакт в окне";
    RATIO_FITS: "The arms are as large as their shares say (p {0}).", "Размеры групп соответствуют долям (p {0}).";
    RATIO_UNKNOWN: "Nobody said by which shares the arms were drawn, so that it could not be checked whether \
        customers are missing.",
        "Доли, по которым распределяли группы, не указаны, поэтому проверить, не пропали ли клиенты, нельзя.";
    CLUSTERED: "What was drawn as a whole are groups of customers ({0}); errors take that into account.",
        "Распределяли не клиентов, а их группы целиком ({0}); погрешности это учитывают.";
    BALANCE_CHART: "Differences between an arm and control before the start, in standard deviations",
        "Различия группы и контроля до начала, в стандартных отклонениях";
    BALANCE_HOW: "Before the start arms that were drawn at random differ by chance alone. Differences of more than \
        0.1 standard deviations (dashed) are doubtful.",
        "До начала случайно распределённые группы отличаются только случайно. Различия больше 0,1 стандартного \
        отклонения (пунктир) сомнительны.";
    NO_BALANCE: "Nothing is known of the time before the start.", "О времени до начала ничего не известно.";
    BALANCE_DETAILS: "All figures of the time before", "Все числа о времени до начала";
    BALANCE_TABLE: "What was known before the start", "Что было известно до начала";
    KNOWN: "Known before", "Показатель до начала";
    IN_ARM: "In the arm", "В группе";
    IN_CONTROL: "In control", "В контроле";
    DIFFERENCE: "Difference", "Разница";
    STANDARDISED: "Standardised difference", "Стандартизованная разница";

    // Did it work.
    WORKED_HOW: "Everyone counts in the arm that was drawn, reached or not. Control shows what would have happened \
        anyway; the difference is what the campaign changed.",
        "Каждый считается в той группе, в которую попал, даже если связаться с ним не удалось. Контроль показывает, \
        что было бы и без кампании; разница и есть то, что кампания изменила.";
    ADJUSTED: "Differences are adjusted for what was known before the start: {0}.",
        "Разницы поправлены на известное до начала: {0}.";
    EFFECTS_TABLE: "Each arm beside control", "Каждая группа рядом с контролем";
    OUTCOME: "Outcome", "Показатель";
    INTERVAL: "{0} interval", "{0} интервал";
    LIFT: "Relative lift", "Относительный прирост";
    P_HOLM: "p (Holm)", "p (Холм)";
    BOUGHT: "{0}: {1} of {2} customers bought. {3} would have bought anyway; the campaign changed that number by {4}{5}.",
        "{0}: купили {1} из {2} клиентов. {3} купили бы и без кампании; кампания изменила это число на {4}{5}.";
    LIFT_CHART: "Relative lift over control, with {0} intervals", "Прирост относительно контроля, {0} интервалы";
    OVER_TIME_CHART: "{0}, {1}: difference from control as it was known on each day",
        "{0}, {1}: разница с контролем, известная на каждый день";
    OVER_TIME_HOW: "These intervals may be looked at as often as one likes: the chance that one of them ever misses \
        is at most {0}.",
        "На эти интервалы можно смотреть сколько угодно раз: вероятность, что хоть один из них промахнётся, не \
        больше {0}.";
    OVER_TIME_ALT: "Difference and its interval at the end: {0}.", "Разница и её интервал в конце: {0}.";
    UNADJUSTED_DETAILS: "The same without adjustment", "То же без поправки";

    // Money.
    MONEY_TABLE: "What the campaign brought, over all customers of an arm, with {0} intervals",
        "Что принесла кампания, по всем клиентам группы; интервалы {0}";
    BUYERS: "Buyers", "Купили";
    INCREMENTAL_REVENUE: "Incremental revenue", "Дополнительная выручка";
    INCREMENTAL_MARGIN: "Incremental margin", "Дополнительная маржа";
    COST: "Cost", "Затраты";
    PROFIT: "Profit", "Прибыль";
    RETURN: "Return for each 1 spent", "Отдача на единицу затрат";
    PAID: "Chance that it paid", "Вероятность окупаемости";
    MONEY_HOW: "Incremental is what control did not bring: what customers would have bought anyway is not counted. \
        Profit is incremental margin less cost.",
        "Дополнительное — то, чего не принёс контроль: что купили бы и так, не считается. Прибыль — дополнительная \
        маржа минус затраты.";
    MONEY_LATER: "There is no verdict on money before the window is over.", "О деньгах до конца окна вердикта нет.";
    MONEY_NONE: "No outcome of this campaign is money.", "Среди показателей кампании нет денег.";
    MONEY_NO_MARGIN: "No margin was given, so that nobody can say what was earned.",
        "Маржа не указана, поэтому сказать, сколько заработано, нельзя.";

    // For whom it worked.
    SEGMENTS_LATER: "There is no verdict on segments before the window is over.",
        "О сегментах до конца окна вердикта нет.";
    SEGMENTS_NONE: "No segments were asked for.", "Сегменты не запрашивались.";
    SEGMENTS_HOW: "The best of several segments looks better than it is. “Drawn together” takes that back: each \
        difference is drawn towards the mean of all as far as it is uncertain.",
        "Лучший из нескольких сегментов выглядит лучше, чем он есть. «Стянутая» разница это исправляет: каждая \
        притянута к среднему настолько, насколько она ненадёжна.";
    DIFFERS: "{0}, {1}: the effect differs between segments by more than chance (p {2}).",
        "{0}, {1}: эффект различается между сегментами сильнее, чем случайно (p {2}).";
    DIFFERS_NOT: "{0}, {1}: nothing shows that the effect differs between segments (p {2}).",
        "{0}, {1}: не видно, чтобы эффект различался между сегментами (p {2}).";
    SEGMENTS_TABLE: "{0}: the effect in each segment", "{0}: эффект в каждом сегменте";
    SEGMENT: "Segment", "Сегмент";
    SHRUNK: "Drawn together", "Стянутая";
    P_SEGMENTS: "p (all segments)", "p (все сегменты)";
    SEGMENTS_CHART: "{0}: difference from control, drawn together", "{0}: стянутая разница с контролем";
    SEGMENTS_DETAILS: "Other outcomes", "Другие показатели";
    UPLIFT_HEAD: "Would a targeted list bring more?", "Принёс бы прицельный список больше?";
    UPLIFT_HOW: "A model learned from this test whom an offer changes. It is judged on customers whom it has not \
        seen.",
        "Модель выучила по этому тесту, кого предложение меняет. Проверена она на клиентах, которых не видела.";
    POLICIES_TABLE: "What each way to contact is worth, for each customer", "Чего стоит каждый способ, на клиента";
    POLICY: "Whom to contact", "С кем связываться";
    NOBODY: "nobody", "ни с кем";
    EVERYBODY: "everybody", "со всеми";
    TARGETED: "a targeted list", "прицельный список";
    CONTACTED_SHARE: "Contacted", "Доля контактов";
    WORTH: "Worth", "Ценность";
    OVER_NOBODY: "Over nobody", "Сверх «ни с кем»";
    TARGETED_GAIN: "The list brings more by", "Список приносит больше на";
    GAIN_CHART: "Gain for each customer by the share that is contacted, before costs",
        "Выигрыш на клиента от доли контактов, без затрат";
    GAIN_TARGETED: "by the list", "по списку";
    GAIN_RANDOM: "at random", "случайно";
    GAIN_ALT: "With {0} contacted the list gains {1} for each customer, as many at random {2}.",
        "При доле контактов {0} список даёт {1} на клиента, столько же случайных — {2}.";
    BUDGET_HEAD: "Whom a budget reaches", "До кого дойдёт бюджет";
    BUDGET_SENTENCE: "To contact: {0}, for {1}; expected profit {2}. No list can bring more than {3}.",
        "Связаться: {0}, затраты {1}; ожидаемая прибыль {2}. Ни один список не принесёт больше {3}.";
    BUDGET_MORE: "Another {0} would bring {1} more.", "Ещё {0} принесли бы на {1} больше.";
    BUDGET_CHART: "Expected profit by spend", "Ожидаемая прибыль от затрат";
    BUDGET_CURVE: "best list for the money", "лучший список на эти деньги";
    BUDGET_ALT: "Profit at the largest spend, {0}: {1}.", "Прибыль при наибольших затратах, {0}: {1}.";
    BUDGET_EXPECTED: "These are expectations of a model; what a list really brings, only its control shows.",
        "Это ожидания модели; что список принесёт на деле, покажет только его контроль.";

    // Next.
    NEXT_INTERIM: "Wait for {0}. Whoever stops at what pleases is misled.",
        "Дождитесь {0}. Кто останавливается на понравившемся числе, обманывается.";
    NEXT_PAID: "{0}: repeat it. It paid: even the lower end of the interval of the profit, {1}, is above 0.",
        "{0}: повторить. Окупилось: даже нижняя граница интервала прибыли, {1}, больше нуля.";
    NEXT_COST: "{0}: do not repeat it as it was. It cost more than it brought: even the upper end of the interval \
        of the profit, {1}, is below 0.",
        "{0}: в этом виде не повторять. Затраты больше, чем польза: даже верхняя граница интервала прибыли, {1}, \
        меньше нуля.";
    NEXT_UNSURE: "{0}: no recommendation. Nothing shows that it paid: the profit is between {1} and {2}.",
        "{0}: рекомендации нет. Не видно, что окупилось: прибыль от {1} до {2}.";
    NEXT_BY_CHANCE: "{0}: no recommendation. Its profit is between {1} and {2}, but of {3} offers one can look so by \
        chance (p {4} for all of them together).",
        "{0}: рекомендации нет. Прибыль от {1} до {2}, но из предложений (их {3}) одно может выглядеть так и \
        случайно (p {4} для всех вместе).";
    NEXT_NOT_DRAWN: "No recommendation. The arms were not drawn at random: what was known of their customers before \
        tells them apart, and so may what they would have bought anyway. Draw the next campaign’s arms.",
        "Рекомендаций нет. Группы составлены не случайно: их клиенты различались ещё до начала, значит, могли \
        различаться и в том, что купили бы и так. В следующей кампании отберите группы жребием.";
    NEXT_CHANGED: "{0}: it changed {1} ({2}, p {3}). Whether it paid cannot be said without a margin and costs.",
        "{0}: изменило показатель «{1}» ({2}, p {3}). Окупилось ли, без маржи и затрат сказать нельзя.";
    NEXT_HARMED: "{0}: do not repeat it. It made {1} worse ({2}, p {3}).",
        "{0}: не повторять. Ухудшило показатель «{1}» ({2}, p {3}).";
    NEXT_NOTHING: "{0}: no recommendation. Nothing shows that it changed {1} ({2}, p {3}).",
        "{0}: рекомендации нет. Не видно, чтобы изменился показатель «{1}» ({2}, p {3}).";
    NEXT_TARGETED: "Contact a targeted list: for each customer it brings {0} more than the better one of nobody and \
        everybody ({1}).",
        "Связываться по прицельному списку: на клиента он приносит на {0} больше, чем лучшее из «ни с кем» и «со \
        всеми» ({1}).";
    NEXT_NO_LIST: "No targeted list is recommended: it is not sure that it brings more than the better one of nobody \
        and everybody ({1} for each customer; {0}).",
        "Прицельный список не рекомендуется: нет уверенности, что он лучше, чем лучшее из «ни с кем» и «со всеми» \
        (на клиента {1}; {0}).";
    NEXT_DOUBTS: "First understand the notes under “In short”: they make the result doubtful.",
        "Сначала разберитесь с замечаниями в разделе «Коротко»: они делают результат сомнительным.";
    SIZES_TABLE: "How many customers the next campaign needs, with the same shares (chance 80 % to see an effect, 5 % \
        for a false alarm)",
        "Сколько клиентов нужно следующей кампании при тех же долях (80 % шанс увидеть эффект, 5 % ложной тревоги)";
    SIZE_EFFECT: "Effect as found", "Эффект, как найден";
    SIZE_NEEDED: "Customers, with control, to see such an effect", "Клиентов вместе с контролем, чтобы увидеть такой";
    SIZE_SMALLEST: "Smallest effect that as many customers as now show",
        "Наименьший эффект, который покажут столько же клиентов";
    SIZES_HOW: "An effect that was found is likely too large: size the next campaign by the smallest effect that \
        would pay.",
        "Найденный эффект, вероятно, завышен: размер следующей кампании считайте по наименьшему эффекту, который \
        окупится.";

    // Words.
    W_CONTROL: "Control", "Контроль";
    W_CONTROL_TEXT: "Customers drawn at random who were not contacted. What they did would have happened anyway.",
        "Клиенты, отобранные случайно, с которыми не связывались. То, что сделали они, случилось бы и так.";
    W_INTERVAL: "Interval", "Интервал";
    W_INTERVAL_TEXT: "How exact a figure is: of such intervals {0} have the true value inside.",
        "Насколько точно число: {0} таких интервалов содержат истинное значение.";
    W_P: "p", "p (значимость)";
    W_P_TEXT: "The chance of a difference this large or larger if the campaign changed nothing. Holm: made larger \
        for all the offers and outcomes that were looked at.",
        "Вероятность такой или большей разницы, если кампания ничего не изменила. Холм: с поправкой на все \
        предложения и показатели, на которые смотрели.";
    W_LIFT: "Relative lift", "Относительный прирост";
    W_LIFT_TEXT: "The difference as a part of what control has.", "Разница в долях от того, что в контроле.";
    W_PAID: "Chance that it paid", "Вероятность окупаемости";
    W_PAID_TEXT: "The chance that the profit is above 0, by how exact it is.",
        "Вероятность, что прибыль больше нуля, с учётом её точности.";

    // Made.
    M_START: "start", "начало";
    M_END: "end of the window", "конец окна";
    M_KNOWN: "outcomes known up to", "результаты известны до";
    M_LEVEL: "chance that an interval misses", "вероятность промаха интервала";
    M_METHODS: "methods", "методы";
    M_REVENUE: "outcome that is money", "денежный показатель";
    M_MARGIN: "margin", "маржа";
    M_CONTACT_COST: "cost of a contact", "стоимость контакта";
    M_INCENTIVE_COST: "cost of the incentive of a buyer", "стоимость поощрения одного купившего";
    M_TAU: "τ of always-valid intervals", "τ постоянно верных интервалов";
    M_DIGEST: "md5 of ids and arms", "md5 идентификаторов и групп";
}

#[cfg(test)]
mod tests {
    use super::super::super::bilingual::check;
    use super::*;

    #[test]
    fn both_languages_have_the_same_places_and_their_own_letters() {
        assert!(ALL.len() > 100);
        check(ALL, &["FACT_EFFECT"]);
    }
}
