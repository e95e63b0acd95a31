//! The outline: headings told from paragraphs, the filing's title, department and year.

use std::collections::BTreeMap;

use super::words::words;
use crate::filing::{Block, Department, Heading};
use crate::form::label::fold;
use crate::form::{department, preamble};
use crate::text::{Text, is_blank};

/// Longest heading, in characters.
const LONGEST_HEADING: usize = 45;

/// The level of a heading by its number: 第一部分 and 一、 are 1, （一） 2, 1、 3, (1) 4.
pub(crate) fn heading_level(text: &str) -> Option<u8> {
    if text.chars().count() > LONGEST_HEADING || text.ends_with(['。', '；', ';', '，', ',']) {
        return None;
    }
    let numeral = |ch: char| "一二三四五六七八九十百".contains(ch);
    if let Some(rest) = text.strip_prefix('第') {
        let rest = rest.trim_start_matches(numeral);
        return rest.starts_with("部分").then_some(1);
    }
    let after_numeral = text.trim_start_matches(numeral);
    if after_numeral.len() < text.len() && after_numeral.starts_with(['、', '．', '.']) {
        return Some(1);
    }
    if let Some(rest) = text.strip_prefix(['（', '(']) {
        let inner = rest.trim_start_matches(|ch: char| numeral(ch) || is_blank(ch));
        if inner.len() < rest.len() && inner.starts_with(['）', ')']) {
            return Some(2);
        }
        let inner = rest.trim_start_matches(|ch: char| ch.is_ascii_digit());
        if inner.len() < rest.len() && inner.starts_with(['）', ')']) {
            return (text.chars().count() <= 20 && !text.contains(['：', ':'])).then_some(4);
        }
        return None;
    }
    let after_digits = text.trim_start_matches(|ch: char| ch.is_ascii_digit());
    let digits = text.len() - after_digits.len();
    let is_amount = after_digits.starts_with('.') && after_digits[1..].starts_with(|ch: char| ch.is_ascii_digit());
    let numbered = (1..=2).contains(&digits) && after_digits.starts_with(['、', '.', '．']) && !is_amount;
    // Numbered items are sentences; numbered headings are short and say nothing of amounts.
    (numbered && text.chars().count() <= 20 && !text.contains(['：', ':', '，', ','])).then_some(3)
}

/// A heading or a paragraph.
pub(super) fn block_of(text: Text, outline: Option<u8>) -> Block {
    match outline.or_else(|| heading_level(text.as_str())) {
        Some(level) => Block::Heading(Heading { level, text }),
        None => Block::Paragraph(text),
    }
}

/// The four digits before 年 in a text, Arabic or Chinese.
pub(super) fn year_in(text: &str) -> Option<u16> {
    year_at(&fold(text)).map(|(_, year)| year)
}

/// Where the first year of a text without blanks begins, and the year.
fn year_at(text: &str) -> Option<(usize, u16)> {
    let digit = |ch: char| match ch {
        '〇' | '○' | '零' => Some(0),
        _ => ch
            .to_digit(10)
            .or_else(|| "一二三四五六七八九".chars().position(|known| known == ch).map(|at| at as u32 + 1)),
    };
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    chars.windows(5).enumerate().find_map(|(number, window)| {
        let [digits @ .., (_, '年')] = window else { return None };
        let year = digits.iter().try_fold(0, |year, (_, ch)| Some(year * 10 + digit(*ch)?))?;
        let in_number = number > 0 && chars[number - 1].1.is_ascii_digit();
        ((2000..2100).contains(&year) && !in_number).then_some((window[0].0, year as u16))
    })
}

/// The year that the titles of tables name most.
pub(super) fn year_in_tables(blocks: &[Block]) -> Option<u16> {
    let mut years: BTreeMap<u16, usize> = BTreeMap::new();
    for block in blocks {
        if let Block::Table(table) = block
            && let Some(year) = year_in(table.title.as_str())
        {
            *years.entry(year).or_default() += 1;
        }
    }
    years.into_iter().max_by_key(|(_, count)| *count).map(|(year, _)| year)
}

/// The title of a filing: a short line with the budget's year, joined with the department's name
/// on the line before.
pub(super) fn title(blocks: &[Block]) -> Text {
    let is_number = |text: &Text| words().is_table_number(text.as_str());
    let prose = blocks.iter().enumerate().filter_map(|(at, block)| Some((at, block.prose()?)));
    let lines: Vec<(usize, &Text)> = prose.filter(|(_, text)| !is_number(text)).collect();
    let is_title = |text: &str| {
        let length = text.chars().count();
        length <= 60
            && !text.ends_with(['。', '：', ':', '；'])
            && fold(text).contains("预算")
            && (year_in(text).is_some() || fold(text).contains("目标表"))
            && words().year_of(&fold(text)).is_none()
    };
    let plain = |text: &str| heading_level(text).is_none();
    if let Some(whole) = title_over_lines(&lines) {
        return whole;
    }
    let found = lines
        .iter()
        .position(|(_, text)| is_title(text.as_str()) && plain(text.as_str()))
        .or_else(|| lines.iter().position(|(_, text)| is_title(text.as_str())));
    let Some(found) = found else {
        // Lines between the tables, and those that say something of them (`单位：万元`), are no title.
        let tables = blocks.iter().position(|block| matches!(block, Block::Table(_))).unwrap_or(blocks.len());
        let may_be = |(at, text): &&(usize, &Text)| *at < tables && !text.as_str().contains(['：', ':']);
        return lines
            .first()
            .filter(may_be)
            .map(|(_, text)| (*text).clone())
            .filter(|text| text.as_str().chars().count() <= 60)
            .unwrap_or_default();
    };
    let (at, text) = lines[found];
    if let Some((before, name)) = found.checked_sub(1).map(|before| lines[before])
        && before + 1 == at
        && is_department(name.as_str())
        && !fold(text.as_str()).contains(&fold(name.as_str()))
        && text.as_str().starts_with(|ch: char| ch.is_ascii_digit())
    {
        let mut whole = name.clone();
        whole.push(text);
        return whole;
    }
    text.clone()
}

/// The title of a cover that prints the year on a line of its own: `某局`, `2025年`, `部门预算公开`.
fn title_over_lines(lines: &[(usize, &Text)]) -> Option<Text> {
    /// Lines of a cover.
    const COVER: usize = 6;
    let is_year = |text: &str| {
        let folded = fold(text);
        year_at(&folded).is_some_and(|(at, _)| at == 0) && folded.trim_end_matches('度').chars().count() == 5
    };
    let number = lines.iter().take(COVER).position(|(_, text)| is_year(text.as_str()))?;
    let (at, year) = lines[number];
    let (next, rest) = *lines.get(number + 1)?;
    let (name, what) = fold(rest.as_str()).split_once("预算").map(|(name, what)| (name.to_owned(), what.to_owned()))?;
    let goes_on = next == at + 1
        && rest.as_str().chars().count() <= 60
        && !what.contains(['。', ':', '表'])
        && year_at(&name).is_none();
    if !goes_on || heading_level(rest.as_str()).is_some() {
        return None;
    }
    let above = number.checked_sub(1).map(|above| lines[above]);
    let mut whole = match above.filter(|(above, name)| above + 1 == at && is_department(name.as_str())) {
        Some((_, name)) => {
            let mut whole = name.clone();
            whole.push(year);
            whole
        }
        None => year.clone(),
    };
    whole.push(rest);
    Some(whole)
}

/// Whether a text is a department's name and nothing else.
fn is_department(text: &str) -> bool {
    let length = text.chars().count();
    (4..=40).contains(&length) && department::ends_like_one(text) && !text.contains(['，', '。', '：', '、'])
}

/// Words that the title of a table begins with and no department's name does.
const TABLE_WORDS: [&str; 8] =
    ["政府采购", "政府性基金", "财政拨款", "收支", "收入", "支出", "国有资本经营", "一般公共"];

/// The department a title names: what stands before the year, or before 部门预算/项目支出.
pub(super) fn department_in_title(title: &str) -> Option<String> {
    let mut name: String = title.chars().filter(|ch| !is_blank(*ch)).collect();
    if name.starts_with("附件")
        && let Some(at) = name.find(['：', ':'])
    {
        name = name[at..].chars().skip(1).collect();
    }
    if let Some(rest) = name.strip_prefix('第')
        && let Some(at) = rest.find("部分")
    {
        name = rest[at + "部分".len()..].to_owned();
    }
    // A title may begin with the year: 2025年云岭县林草服务局部门预算.
    if let (Some(_), Some((before, after))) = (year_in(&name), name.split_once('年'))
        && before.chars().count() == 4
    {
        name = after.trim_start_matches('度').to_owned();
    }
    let year = year_at(&name).map(|(at, _)| at);
    // The year may stand behind the county: 云岭县2025年林草服务局部门预算.
    if let Some(at) = year
        && name[..at].ends_with(['省', '市', '县', '区', '州', '旗'])
        && let Some((_, rest)) = name[at..].split_once('年')
        && let Some(end) = ["部门预算", "单位预算"].iter().filter_map(|word| rest.find(word)).min()
        && is_department(&format!("{}{}", &name[..at], rest[..end].trim_start_matches('度')))
        && end > "度".len()
    {
        return Some(format!("{}{}", &name[..at], rest[..end].trim_start_matches('度')));
    }
    let cut = ["部门预算", "单位预算", "项目支出", "预算", "部门"]
        .iter()
        .filter_map(|word| name.find(word))
        .chain(year)
        .filter(|at| *at > 0)
        .min()?;
    let name = name[..cut].trim_end_matches("关于").trim_start_matches("关于").trim_end_matches(['（', '(']).to_owned();
    let is_table = TABLE_WORDS.iter().any(|word| name.starts_with(word));
    let is_name = name.chars().all(|ch| ch.is_alphabetic() || "（）()·".contains(ch));
    (name.chars().count() >= 3 && is_name && !is_table).then_some(name)
}

/// The department whose part of the filing a heading begins: `第一部分 某局概况`.
fn department_described(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|ch| !is_blank(*ch)).collect();
    let text =
        text.split_once("部分").filter(|(part, _)| part.starts_with('第')).map_or(text.as_str(), |(_, rest)| rest);
    let name = ["概况", "基本情况", "部门概况"].iter().find_map(|end| text.strip_suffix(end))?;
    is_department(name).then(|| name.to_owned())
}

/// The department from what titles and preambles said: the shortest code is the department's, a
/// longer one a unit's. Where only units (`某局本级`) have codes, the department is the name they
/// begin with.
pub(super) fn department(info: &super::assemble::Info, title: &str, blocks: &[Block]) -> Department {
    let coded = info.departments.iter().filter(|(code, _)| !code.is_empty()).min_by_key(|(code, _)| code.len());
    let named = info.departments.iter().find(|(_, name)| !name.is_empty());
    let whole = coded.and_then(|(_, unit)| {
        let begins =
            |(_, name): &&(String, String)| !name.is_empty() && name.len() < unit.len() && unit.starts_with(name);
        info.departments.iter().find(begins)
    });
    match whole.or(coded).or(named) {
        Some((code, name)) => Department { code: code.clone(), name: name.clone() },
        None => {
            let in_title = department_in_title(title);
            // A cover often names the county above and the department on a line of its own.
            let sure = in_title.as_deref().is_some_and(is_department);
            let labelled = blocks.iter().filter(|_| !sure).find_map(|block| match block {
                Block::Paragraph(text) => preamble::department_line(text.as_str()),
                _ => None,
            });
            let described =
                || blocks.iter().filter_map(Block::prose).find_map(|text| department_described(text.as_str()));
            let name = labelled.or(in_title).or_else(|| info.unit_name.clone()).or_else(described).unwrap_or_default();
            Department { code: String::new(), name }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_in_both_kinds_of_digits() {
        assert_eq!(year_in("云岭县林草服务局2025 年部门预算"), Some(2025));
        assert_eq!(year_in("二〇二五年部门预算"), Some(2025));
        assert_eq!(year_in("二○二一年度"), Some(2021));
        assert_eq!(year_in("12025年"), None);
        assert_eq!(year_in("一二三四年"), None);
    }

    #[test]
    fn departments_in_titles() {
        for title in [
            "云岭县林草服务局2025年部门预算",
            "2025年云岭县林草服务局部门预算",
            "二〇二五年云岭县林草服务局部门预算",
            "云岭县2025年林草服务局部门预算",
            "云岭县林草服务局关于2025年部门预算公开的说明",
            "关于云岭县林草服务局2025年部门预算公开的说明",
            "云岭县林草服务局（部门）2025年预算公开",
        ] {
            assert_eq!(department_in_title(title).as_deref(), Some("云岭县林草服务局"), "{title}");
        }
        for title in ["2025年部门预算公开", "2.科目编码按部门预算填写", "说明：本表反映部门预算"]
        {
            assert_eq!(department_in_title(title), None, "{title}");
        }
        assert_eq!(department_described("第一部分 云岭县林草服务局概况").as_deref(), Some("云岭县林草服务局"));
        assert_eq!(department_described("第一部分 部门概况"), None);
    }

    #[test]
    fn the_year_on_a_line_of_its_own() {
        let title = |lines: &[&str]| {
            let blocks: Vec<Block> = lines.iter().map(|line| Block::Paragraph(Text::from(*line))).collect();
            title(&blocks).as_str().to_owned()
        };
        assert_eq!(title(&["云岭县林草服务局", "2025年", "部门预算公开"]), "云岭县林草服务局2025年部门预算公开");
        assert_eq!(title(&["2025年度", "云岭县林草服务局部门预算"]), "2025年度云岭县林草服务局部门预算");
        assert_eq!(title(&["2025年", "部门预算已经批准，收支如下。"]), "2025年");
    }
}
