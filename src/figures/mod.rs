//! Figures: amounts of the department's money in the prose, with what they are, of which year,
//! and how they stand to other amounts.
//!
//! A paragraph is read from left to right. Each amount takes its subject from the words since the
//! last mark or amount; the year, the fund or the unit of a total is that of what follows it; a
//! comparison without a subject (`比上年减少2.80万元`) speaks of the amount before it, and what stands
//! in brackets after a year (`较2022年（预算…万元）`) is that year's.

mod meaning;
mod money;
mod subject;

pub use meaning::{Meaning, Sum, known_sums};

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex_lite::Regex;
use rust_decimal::Decimal;

use crate::filing::{Block, Figure, Filing, amount};
use crate::form::label::fold;
use crate::text::is_blank;
use subject::{subject, years};

/// Characters before an amount that are read for what it is.
const NEAR: usize = 200;

/// What an amount is to its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The amount itself.
    Amount,
    /// How much more it is than in the year compared with.
    Increase,
    /// How much less.
    Decrease,
}

/// An amount of money in a paragraph.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Index of the block.
    pub block: usize,
    /// The number, in bytes of the block's text.
    pub number: Range<usize>,
    /// The unit after it, in bytes of the block's text.
    pub unit: Range<usize>,
    /// The number's exact value in its unit.
    pub value: Decimal,
    /// Decimals that count: those of the paragraph's amounts in this unit, since prose drops zeros
    /// (`13万元` beside `2.50万元` is no rounded number).
    pub decimals: u32,
    /// How much one of the unit is in 元.
    pub scale: Decimal,
    /// What it is, in the words of the text, without year and department.
    pub subject: String,
    /// The subject's meaning, where it is one of the standard ones.
    pub meaning: Option<Meaning>,
    /// Amount or change.
    pub role: Role,
    /// The year it is of, where the text says so.
    pub year: Option<u16>,
    /// The year a change is against, where the text says so.
    pub against: Option<u16>,
    /// The amount is of an earlier year without a number (上年, 去年).
    pub last_year: bool,
    /// Number of the sentence in the block, from 0.
    pub sentence: usize,
    /// Words after the amount up to the end of the clause, for the reason of a change.
    pub after: String,
    /// The text says that it is what it was in the year before (与上年持平).
    pub unchanged: bool,
}

impl Mention {
    /// The value in 万元.
    pub fn in_wan(&self) -> Option<Decimal> {
        self.value.checked_mul(self.scale)?.checked_div(Decimal::from(10_000))
    }

    /// Half a unit of the last place that counts, in 万元; nothing is not rounded.
    pub fn slack_in_wan(&self) -> Decimal {
        if self.value.is_zero() {
            return Decimal::ZERO;
        }
        Decimal::new(5, self.decimals + 1) * self.scale / Decimal::from(10_000)
    }

    /// What it is, for people: `项目支出比上年减少`.
    pub fn what(&self) -> String {
        let subject = if self.subject.is_empty() { "金额" } else { self.subject.as_str() };
        match self.role {
            Role::Amount => match (self.last_year, self.year) {
                (true, Some(year)) => format!("{year}年{subject}"),
                (true, None) => format!("上年{subject}"),
                _ => subject.to_owned(),
            },
            Role::Increase => format!("{subject}比{}增加", self.against_name()),
            Role::Decrease => format!("{subject}比{}减少", self.against_name()),
        }
    }

    fn against_name(&self) -> String {
        self.against.map_or_else(|| "上年".to_owned(), |year| format!("{year}年"))
    }
}

/// The amounts in the prose of a filing, as they stand in its JSON.
pub fn figures(filing: &Filing) -> Vec<Figure> {
    mentions(filing)
        .into_iter()
        .filter_map(|mention| {
            let text = filing.blocks[mention.block].prose()?;
            Some(Figure {
                what: mention.what(),
                value: text.slice(mention.number.clone()),
                unit: text.as_str()[mention.unit.clone()].to_owned(),
                block: mention.block,
            })
        })
        .collect()
}

/// Every amount of the department's money in the prose.
pub fn mentions(filing: &Filing) -> Vec<Mention> {
    let mut found = Vec::new();
    // Under the headings of the performance part amounts are targets unless their name says more.
    let mut performance = false;
    let mut glossary = false;
    // Under the heading of one fund or unit totals are of that.
    let speaks_of_part =
        |heading: &str| meaning::is_scope(heading) || meaning::names_unit(heading, &filing.department.name);
    let (mut section_scope, mut scope) = (false, false);
    for (index, block) in filing.blocks.iter().enumerate() {
        if let Block::Heading(heading) = block {
            let folded = fold(heading.text.as_str());
            if is_section(&folded) {
                performance = folded.contains("绩效");
                glossary = folded.contains("名词解释");
                section_scope = speaks_of_part(&folded);
                scope = section_scope;
            } else {
                scope = section_scope || speaks_of_part(&folded);
            }
        }
        let Some(text) = block.prose() else { continue };
        if glossary {
            continue;
        }
        for mut mention in scan(text.as_str(), &filing.department.name) {
            mention.block = index;
            mention.last_year |= match (mention.year, filing.fiscal_year) {
                (Some(year), Some(fiscal)) => year < fiscal,
                _ => false,
            };
            if scope && mention.meaning.as_ref().is_some_and(Meaning::is_total) {
                mention.meaning = None;
            }
            let ours = mention.meaning.is_some() || (!performance && meaning::is_money_word(&mention.subject));
            if ours {
                found.push(mention);
            }
        }
    }
    found
}

/// Whether a folded heading opens a main section (`五、…`, `第二部分`).
fn is_section(folded: &str) -> bool {
    let rest = folded.trim_start_matches(|ch| "一二三四五六七八九十".contains(ch));
    (rest.len() < folded.len() && rest.starts_with('、')) || (folded.starts_with('第') && folded.contains("部分"))
}

/// How much one of a unit is in 元; 万 and 亿 alone stand for 万元 and 亿元.
pub fn unit_scale(unit: &str) -> Option<Decimal> {
    match unit.trim_matches(is_blank) {
        "万" => amount::yuan_in("万元"),
        "亿" => amount::yuan_in("亿元"),
        unit => amount::yuan_in(unit),
    }
}

/// Bracket context: the words before an opened bracket that holds amounts.
struct Outer {
    chunk: String,
    topic: Topic,
    /// The year the words before the bracket name.
    year: Option<u16>,
    /// Whether that year is one compared with.
    earlier: bool,
    /// What the sentence had said before the bracket.
    said: Said,
}

#[derive(Clone, Default)]
struct Topic {
    subject: String,
    year: Option<u16>,
    /// It is of a part of the department's money.
    part: bool,
}

/// What the amounts of a sentence have told about those that follow them.
#[derive(Clone, Copy, Default)]
struct Said {
    /// The year they are of.
    year: Option<u16>,
    /// They are of 上年.
    last_year: bool,
    /// They are of one fund or project; what follows without a total of its own is of that too.
    part: bool,
    /// They are of one unit of the department; so is what follows in the paragraph.
    unit: bool,
    /// They are the parts of the income, whose names may lack the word 收入.
    income: bool,
}

impl Said {
    /// Takes in the next amount. The year of a total or of the first amount is that of its parts.
    fn hear(&mut self, mention: &Mention, own_year: Option<u16>, first: bool, part: bool) {
        let whole = matches!(mention.meaning, Some(Meaning::Income | Meaning::Expenditure | Meaning::Budget));
        let leads = first
            || mention.meaning.as_ref().is_some_and(|meaning| known_sums().iter().any(|sum| sum.total == *meaning));
        if leads && own_year.is_some() {
            (self.year, self.last_year) = (own_year, false);
        } else if leads && mention.last_year {
            (self.year, self.last_year) = (None, true);
        }
        if whole {
            self.income = mention.meaning == Some(Meaning::Income);
        }
        self.part = part || (self.part && !whole);
    }
}

/// All amounts of a paragraph, those of other people's money too.
pub fn scan(text: &str, department: &str) -> Vec<Mention> {
    let amounts: Vec<(Range<usize>, Range<usize>)> = money::amounts(text)
        .filter(|(number, unit)| counts(text, number.start, unit.end, &text[unit.clone()]))
        .collect();
    let closings = closings(text);
    let mut mentions = Vec::new();
    let mut next = 0;
    let mut at = 0;
    let mut chunk = String::new();
    let mut topic = Topic::default();
    let mut sentence = 0;
    let mut said = Said::default();
    // Of the sentence before, for one that begins with 其中.
    let mut before = Said::default();
    let mut begins = 0;
    let mut first = true;
    let mut outer: Vec<Outer> = Vec::new();
    while at < text.len() {
        if let Some((number, unit)) = amounts.get(next)
            && number.start == at
        {
            let context = outer.last().map(|outer| (outer.year, outer.earlier));
            if first && continues(&text[begins..at]) {
                said = before;
            }
            let words = near(&chunk);
            if meaning::is_this_year(words) {
                (said.year, said.last_year) = (None, false);
            }
            if let Some(mut mention) = read(text, number, unit, words, department, &topic, said.year, context, sentence)
            {
                let amount = mention.role == Role::Amount;
                let compared = amount && is_comparison(words);
                if amount && mention.year.is_none() {
                    mention.last_year |= said.last_year;
                }
                if amount && said.income && mention.meaning.is_none() {
                    mention.meaning = meaning::of_income(&mention.subject);
                }
                let inherits = mention.subject == topic.subject && subject(words, department).is_empty();
                said.unit = match subject::owner(words, &mention.subject) {
                    owner if meaning::names_unit(owner, department) => true,
                    owner => said.unit && !subject::is_department(owner, department),
                };
                let part = said.unit || (inherits && topic.part) || is_of_part(&mention, said.part);
                if part && !matches!(mention.meaning, Some(Meaning::Function(_))) {
                    mention.meaning = None;
                }
                if amount && !mention.last_year {
                    topic = Topic { subject: mention.subject.clone(), year: mention.year, part };
                }
                if amount && !compared && !context.is_some_and(|(_, earlier)| earlier) {
                    said.hear(&mention, last_year_number(words), first, part);
                }
                first = false;
                mentions.push(mention);
            }
            chunk.clear();
            at = unit.end;
            next += 1;
            continue;
        }
        let ch = text[at..].chars().next().expect("inside the text");
        let end = at + ch.len_utf8();
        match ch {
            '。' | '；' | ';' | '！' | '？' | '\n' => {
                if matches!(ch, '。' | '！' | '？' | '\n') && outer.is_empty() {
                    sentence += 1;
                    before = said;
                    said = Said { unit: before.unit, ..Said::default() };
                    begins = end;
                    first = true;
                }
                chunk.clear();
            }
            '，' | ',' => {
                // `2024年，本部门…`: a year alone speaks for the sentence.
                if let Some(year) = last_year_number(near(&chunk))
                    && chunk.trim_matches(is_blank).chars().count() <= 6
                {
                    said.year = Some(year);
                }
                chunk.clear();
            }
            '：' | ':' => {
                // `其中：` keeps nothing, `三公经费预算：` keeps its subject as topic.
                chunk.clear();
            }
            '（' | '(' => {
                let close = closings.get(&at).copied().unwrap_or(text.len());
                if amounts.get(next).is_some_and(|(number, _)| number.start < close) {
                    let words = near(&chunk);
                    let year = last_year_number(words);
                    let earlier = is_comparison(words) || words.contains("上年") || words.contains("去年");
                    let chunk = std::mem::take(&mut chunk);
                    outer.push(Outer { chunk, topic: topic.clone(), year, earlier, said });
                } else {
                    // Brackets without amounts belong to the words: 因公出国（境）费.
                    let stop = text[close..].chars().next().map_or(end, |mark| close + mark.len_utf8());
                    chunk.push_str(&text[at..stop]);
                    at = stop;
                    continue;
                }
            }
            '）' | ')' if !outer.is_empty() => {
                if let Some(saved) = outer.pop() {
                    chunk = saved.chunk;
                    topic = saved.topic;
                    said = saved.said;
                }
            }
            _ => chunk.push(ch),
        }
        at = end;
    }
    for unit in [1i64, 1_000, 10_000, 100_000_000].map(Decimal::from) {
        let decimals = mentions.iter().filter(|one| one.scale == unit).map(|one| one.decimals).max().unwrap_or(0);
        for mention in mentions.iter_mut().filter(|one| one.scale == unit) {
            mention.decimals = decimals;
        }
    }
    mentions
}

/// Whether a sentence goes on with the parts of what the one before named.
fn continues(sentence: &str) -> bool {
    let sentence = sentence.trim_start_matches(is_blank);
    ["其中", "包括"].iter().any(|word| sentence.starts_with(word))
}

/// Whether an amount is of a part of the department's money only: of one fund or project, of one kind
/// of cost, or for each. What is not sure is taken for a part: nothing is said of it.
fn is_of_part(mention: &Mention, said: bool) -> bool {
    let Some(meaning) = &mention.meaning else {
        return meaning::is_scope(&mention.subject) || meaning::names_part(&mention.subject);
    };
    let whole = matches!(meaning, Meaning::Income | Meaning::Expenditure | Meaning::Budget);
    (meaning.is_total() && meaning::is_scope(&mention.subject))
        || (said && !whole)
        || meaning::is_other(&mention.subject)
}

/// Whether a matched amount is one at all: no threshold (`20万元以上`), no price for each
/// (`350元/人`), no count (`3万份`), no second half of a range.
fn counts(text: &str, start: usize, end: usize, unit: &str) -> bool {
    let after = text[end..].trim_start_matches(is_blank);
    if after.starts_with(['/', '／', '每'])
        || ["以上", "以下", "以内", "左右/", "人次"].iter().any(|word| after.starts_with(word))
    {
        return false;
    }
    if matches!(unit, "万" | "亿") && after.chars().next().is_some_and(|ch| !"，。；、,;)）".contains(ch)) {
        return false;
    }
    let before = text[..start].chars().next_back();
    !before.is_some_and(|ch| ch.is_ascii_alphanumeric() || "-~～.".contains(ch))
}

/// Where each round bracket that opens at a byte closes; one that never does is missing.
fn closings(text: &str) -> HashMap<usize, usize> {
    let mut open = Vec::new();
    let mut closings = HashMap::new();
    for (at, ch) in text.char_indices() {
        match ch {
            '（' | '(' => open.push(at),
            '）' | ')' => {
                if let Some(from) = open.pop() {
                    closings.insert(from, at);
                }
            }
            _ => {}
        }
    }
    closings
}

/// The last words of a stretch without marks: what an amount is stands near it.
fn near(words: &str) -> &str {
    words.char_indices().rev().nth(NEAR - 1).map_or(words, |(at, _)| &words[at..])
}

fn last_year_number(words: &str) -> Option<u16> {
    years(words).next_back().map(|(_, year)| year)
}

fn comparison() -> &'static Regex {
    static COMPARISON: OnceLock<Regex> = OnceLock::new();
    COMPARISON.get_or_init(|| {
        Regex::new(
            r"(?:比|较|与|同|和)[ \u{3000}]*(?:(?P<year>20[0-9]{2})[ \u{3000}]*年度?|上一?年度?|去年|上年同期)[^，。；]*?(?P<verb>增加|减少|增长|下降|压减|降低|提高|增|减)了?[^，。；]{0,4}$",
        )
        .expect("a constant pattern")
    })
}

fn change_verb() -> &'static Regex {
    static VERB: OnceLock<Regex> = OnceLock::new();
    VERB.get_or_init(|| {
        Regex::new(r"(?P<verb>增加|减少|增长|下降|压减|降低|提高)了?(?:预算|支出|安排|经费|金额|额)?为?[ \u{3000}]*$")
            .expect("a constant pattern")
    })
}

/// Whether words compare with another year (`较2022年`, `比上年`).
fn is_comparison(chunk: &str) -> bool {
    static WORDS: OnceLock<Regex> = OnceLock::new();
    chunk.contains(['比', '较', '与', '同'])
        && WORDS
            .get_or_init(|| {
                Regex::new(r"(?:比|较|与|同)[ \u{3000}]*(?:20[0-9]{2}[ \u{3000}]*年|上年|上一年|去年)")
                    .expect("a constant pattern")
            })
            .is_match(chunk)
}

#[expect(clippy::too_many_arguments, reason = "the state of one left-to-right reading")]
fn read(
    text: &str,
    number: &Range<usize>,
    unit: &Range<usize>,
    chunk: &str,
    department: &str,
    topic: &Topic,
    sentence_year: Option<u16>,
    context: Option<(Option<u16>, bool)>,
    sentence: usize,
) -> Option<Mention> {
    let value = amount::parse(&text[number.clone()])?.value;
    let scale = unit_scale(&text[unit.clone()])?;
    let mut role = Role::Amount;
    let mut against = None;
    let mut words = chunk;
    let changes = chunk.contains(['增', '减', '降', '提']);
    let change = || comparison().captures(chunk).or_else(|| change_verb().captures(chunk));
    if let Some(found) = changes.then(change).flatten() {
        role = match &found["verb"] {
            "增加" | "增长" | "提高" | "增" => Role::Increase,
            _ => Role::Decrease,
        };
        against = found.name("year").and_then(|year| year.as_str().parse().ok());
        words = &chunk[..found.get(0)?.start()];
    }
    let mut year = last_year_number(words);
    let mut last_year = role == Role::Amount && is_comparison(words);
    let mut subject = subject(words, department);
    if subject.starts_with("上年") && !subject.starts_with("上年末") && !subject.starts_with("上年结转") {
        last_year = true;
        subject = subject.trim_start_matches("上年").trim_start_matches('度').to_owned();
    }
    if subject.is_empty() {
        subject.clone_from(&topic.subject);
        year = year.or(topic.year);
    }
    if role == Role::Amount
        && let Some((outer_year, earlier)) = context
    {
        if year.is_none() || (earlier && outer_year.is_some()) {
            year = outer_year.or(year);
        }
        last_year |= earlier;
    }
    let after: String = text[unit.end..].chars().take_while(|ch| !"。；;\n".contains(*ch)).take(60).collect();
    static UNCHANGED: OnceLock<Regex> = OnceLock::new();
    let unchanged = || {
        UNCHANGED.get_or_init(|| {
            Regex::new(r"^[，, ]*(?:比|较|与|同|和)[^，。；]{0,14}(?:持平|一致|相同|无增减|没有变化|无变化|未变)")
                .expect("a constant pattern")
        })
    };
    let compared = after.trim_start_matches(['，', ',', ' ']).starts_with(['比', '较', '与', '同', '和']);
    Some(Mention {
        block: 0,
        number: number.clone(),
        unit: unit.clone(),
        value,
        decimals: value.scale(),
        scale,
        meaning: Meaning::of(&subject),
        subject,
        role,
        year: year.or(sentence_year),
        against,
        last_year,
        sentence,
        unchanged: role == Role::Amount && compared && unchanged().is_match(&after),
        after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a paragraph and prints each amount as `what value unit`.
    fn read_all(text: &str) -> Vec<String> {
        scan(text, "云岭县林草服务局")
            .iter()
            .map(|mention| {
                format!("{} {}{}", mention.what(), &text[mention.number.clone()], &text[mention.unit.clone()])
            })
            .collect()
    }

    #[test]
    fn total_with_its_parts() {
        assert_eq!(
            read_all(
                "云岭县林草服务局2024年预算收入总计2310.40万元，其中：一般公共预算收入2300.40万元，基金预算收入0万元，其他来源收入10万元。"
            ),
            ["预算收入总计 2310.40万元", "一般公共预算收入 2300.40万元", "基金预算收入 0万元", "其他来源收入 10万元"]
        );
        assert_eq!(
            read_all(
                "2024年支出预算为2,310.40万元，其中基本支出310.40万元，包括人员经费300元和日常公用经费１０.４０万元；项目支出2000万元，全部为本级支出。"
            ),
            [
                "支出预算 2,310.40万元",
                "基本支出 310.40万元",
                "人员经费 300元",
                "日常公用经费 １０.４０万元",
                "项目支出 2000万元"
            ]
        );
    }

    #[test]
    fn a_change_without_subject_speaks_of_the_amount_before() {
        assert_eq!(
            read_all(
                "2024年部门预算收支安排2310.40万元，较2023年减少89.60万元，其中：基本支出增加10.40万元，主要为人员经费；项目支出减少100万元。"
            ),
            [
                "部门预算收支安排 2310.40万元",
                "部门预算收支安排比2023年减少 89.60万元",
                "基本支出比上年增加 10.40万元",
                "项目支出比上年减少 100万元"
            ]
        );
    }

    #[test]
    fn amounts_in_brackets_after_a_year_are_of_that_year() {
        assert_eq!(
            read_all(
                "2024年部门预算较2023年(预算2,400.00万元，其中基本支出300.00万元；项目支出2,100.00万元，全部为本级支出)减少89.60万元，其中：基本支出增加10.40万元。"
            ),
            [
                "2023年预算 2,400.00万元",
                "2023年基本支出 300.00万元",
                "2023年项目支出 2,100.00万元",
                "部门预算比2023年减少 89.60万元",
                "基本支出比上年增加 10.40万元"
            ]
        );
        assert_eq!(
            read_all(
                "2024年，云岭县林草服务局“三公”经费预算合计安排4.2万元，比2023年（7万元）减少2.8万元，其中：公务用车运行维护费用安排4.2万元，比2023年减少2.8万元，因公出国（境）费用0万元，与上年一致。"
            ),
            [
                "“三公”经费预算 4.2万元",
                "2023年“三公”经费预算 7万元",
                "“三公”经费预算比2023年减少 2.8万元",
                "公务用车运行维护费用 4.2万元",
                "公务用车运行维护费用比2023年减少 2.8万元",
                "因公出国（境）费用 0万元"
            ]
        );
    }

    #[test]
    fn numbered_items_and_comparisons_with_a_named_year() {
        assert_eq!(
            read_all(
                "2、公务用车购置及运维费5万元，其中：公务用车购置费为0万元，公务用车运维费5万元。1）公务用车购置与2023年相比减少16万元。2）公务用车运维费与2023年预算相比增加5万元，增加原因为新增一辆。"
            ),
            [
                "公务用车购置及运维费 5万元",
                "公务用车购置费 0万元",
                "公务用车运维费 5万元",
                "公务用车购置比2023年减少 16万元",
                "公务用车运维费比2023年增加 5万元"
            ]
        );
    }

    #[test]
    fn procurement_and_assets() {
        assert_eq!(
            read_all("2024年，云岭县林草服务局安排政府采购预算76.50万元。具体内容见下表。"),
            ["政府采购预算 76.50万元"]
        );
        assert_eq!(
            read_all(
                "云岭县林草服务局（含所属单位）上年末固定资产金额为1480.25万元（详见下表）。本年度拟购置固定资产总额为9.14万元。"
            ),
            ["上年末固定资产金额 1480.25万元", "拟购置固定资产总额 9.14万元"]
        );
        assert_eq!(
            read_all(
                "林草局（含所属单位）上年末固定资产总额为 611.08 万元（详见下表），本年度各单位（处室）拟购置固定资产 17.30 万元，主要为办公设备。"
            ),
            ["上年末固定资产总额 611.08万元", "单位（处室）拟购置固定资产 17.30万元"]
        );
    }

    #[test]
    fn thresholds_and_prices_are_no_amounts() {
        assert!(read_all("单价在20万元以上设备，培训标准350元/人，印制3万份。").is_empty());
    }
}
