//! What an amount in the prose is, in the terms of the standard tables.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Deserializer};

use crate::form::label::fold;
use crate::templates;

/// The standard amounts of a filing's prose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    /// 收支安排: income and expenditure as one total.
    Budget,
    /// 预算收入.
    Income,
    /// 一般公共预算收入.
    IncomeGeneral,
    /// 政府性基金收入.
    IncomeFund,
    /// 国有资本经营收入.
    IncomeCapital,
    /// 财政专户核拨收入.
    IncomeSpecial,
    /// 财政拨款收入: general, fund and capital together.
    IncomeFiscal,
    /// 事业收入.
    IncomeOperating,
    /// 事业单位经营收入.
    IncomeBusiness,
    /// 上级补助收入.
    IncomeSuperior,
    /// 附属单位上缴收入.
    IncomeAffiliate,
    /// 其他来源收入.
    IncomeOther,
    /// 上年结转.
    CarryOver,
    /// 支出预算.
    Expenditure,
    /// 基本支出.
    Basic,
    /// 人员经费.
    Personnel,
    /// 公用经费.
    Public,
    /// 项目支出.
    Project,
    /// 机关运行经费.
    Operating,
    /// “三公”经费.
    ThreePublic,
    /// 因公出国（境）费.
    Abroad,
    /// 公务用车购置及运行维护费.
    Vehicles,
    /// 公务用车购置费.
    VehiclePurchase,
    /// 公务用车运行维护费.
    VehicleRunning,
    /// 公务接待费.
    Reception,
    /// 政府采购预算.
    Procurement,
    /// 政府采购货物.
    Goods,
    /// 政府采购工程.
    Works,
    /// 政府采购服务.
    Services,
    /// 固定资产总额.
    Assets,
    /// 拟购置固定资产.
    Purchases,
    /// A functional item, by its name (`…（项）`).
    Function(String),
}

/// `templates/figures.toml`.
#[derive(Deserialize)]
struct File {
    /// In order; the first that fits counts.
    subjects: Vec<Subject>,
    /// Whole subjects that are the total.
    #[serde(borrow)]
    total: Vec<&'static str>,
    /// Words of subjects that speak of budget money.
    money: Vec<&'static str>,
    /// Totals and their parts.
    sums: Vec<Sum>,
    /// Words for one fund.
    scope: Vec<&'static str>,
    /// Words for a part of the money, or for each.
    part: Vec<&'static str>,
    /// Endings of the names of units.
    unit: Vec<&'static str>,
    /// Words for the year of the budget.
    this_year: Vec<&'static str>,
    /// Words that may stand beside what an amount is and make it no other.
    beside: Vec<&'static str>,
}

/// A total of the prose and its parts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// What is the sum.
    pub total: Meaning,
    /// What it is the sum of.
    pub parts: Vec<Meaning>,
}

/// The totals of the prose and their parts.
pub fn known_sums() -> &'static [Sum] {
    &words().file.sums
}

/// Words by which a subject is known.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    meaning: Meaning,
    /// All of these stand in the folded subject.
    #[serde(borrow)]
    all: Vec<&'static str>,
    /// None of these does.
    #[serde(default)]
    none: Vec<&'static str>,
}

/// The file with its words numbered: a text may have hundreds of thousands of amounts, and the words of
/// each subject are looked for in one pass over it.
struct Words {
    file: File,
    words: Vec<&'static str>,
    /// The words that begin with a character.
    beginning: HashMap<char, Vec<usize>>,
    /// All and none of each subject, as sets of words.
    sets: Vec<(Set, Set)>,
}

/// A set of words by their numbers.
type Set = u128;

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let file: File = templates::read!("figures");
        let mut words: Vec<&'static str> =
            file.subjects.iter().flat_map(|subject| subject.all.iter().chain(&subject.none)).copied().collect();
        words.sort_unstable();
        words.dedup();
        assert!(words.len() <= Set::BITS as usize, "figures.toml is tested");
        let mut beginning: HashMap<char, Vec<usize>> = HashMap::new();
        for (number, word) in words.iter().enumerate() {
            beginning.entry(word.chars().next().unwrap_or_default()).or_default().push(number);
        }
        let set = |list: &[&str]| -> Set {
            words.iter().enumerate().filter(|(_, word)| list.contains(word)).map(|(number, _)| 1 << number).sum()
        };
        let sets = file.subjects.iter().map(|subject| (set(&subject.all), set(&subject.none))).collect();
        Words { file, words, beginning, sets }
    })
}

impl Words {
    /// The words that stand in a text.
    fn within(&self, text: &str) -> Set {
        let mut found = 0;
        for (at, ch) in text.char_indices() {
            for &number in self.beginning.get(&ch).into_iter().flatten() {
                if text[at..].starts_with(self.words[number]) {
                    found |= 1 << number;
                }
            }
        }
        found
    }
}

impl<'de> Deserialize<'de> for Meaning {
    /// A standard meaning by its name.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Meaning, D::Error> {
        let id = <&str>::deserialize(deserializer)?;
        let found = Meaning::STANDARD.iter().find(|meaning| meaning.id() == id);
        found.cloned().ok_or_else(|| serde::de::Error::custom(format!("no meaning “{id}”")))
    }
}

impl Meaning {
    /// Every meaning but the functional items.
    pub const STANDARD: &[Meaning] = &[
        Meaning::Budget,
        Meaning::Income,
        Meaning::IncomeGeneral,
        Meaning::IncomeFund,
        Meaning::IncomeCapital,
        Meaning::IncomeSpecial,
        Meaning::IncomeFiscal,
        Meaning::IncomeOperating,
        Meaning::IncomeBusiness,
        Meaning::IncomeSuperior,
        Meaning::IncomeAffiliate,
        Meaning::IncomeOther,
        Meaning::CarryOver,
        Meaning::Expenditure,
        Meaning::Basic,
        Meaning::Personnel,
        Meaning::Public,
        Meaning::Project,
        Meaning::Operating,
        Meaning::ThreePublic,
        Meaning::Abroad,
        Meaning::Vehicles,
        Meaning::VehiclePurchase,
        Meaning::VehicleRunning,
        Meaning::Reception,
        Meaning::Procurement,
        Meaning::Goods,
        Meaning::Works,
        Meaning::Services,
        Meaning::Assets,
        Meaning::Purchases,
    ];

    /// Whether it is a total, or a part of expenditure, that every fund has.
    pub(super) fn is_total(&self) -> bool {
        matches!(
            self,
            Meaning::Budget
                | Meaning::Income
                | Meaning::Expenditure
                | Meaning::Basic
                | Meaning::Personnel
                | Meaning::Public
                | Meaning::Project
        )
    }

    /// Its name in `templates/figures.toml`.
    pub fn id(&self) -> &'static str {
        match self {
            Meaning::Budget => "budget",
            Meaning::Income => "income",
            Meaning::IncomeGeneral => "income-general",
            Meaning::IncomeFund => "income-fund",
            Meaning::IncomeCapital => "income-capital",
            Meaning::IncomeSpecial => "income-special",
            Meaning::IncomeFiscal => "income-fiscal",
            Meaning::IncomeOperating => "income-operating",
            Meaning::IncomeBusiness => "income-business",
            Meaning::IncomeSuperior => "income-superior",
            Meaning::IncomeAffiliate => "income-affiliate",
            Meaning::IncomeOther => "income-other",
            Meaning::CarryOver => "carry-over",
            Meaning::Expenditure => "expenditure",
            Meaning::Basic => "basic",
            Meaning::Personnel => "personnel",
            Meaning::Public => "public",
            Meaning::Project => "project",
            Meaning::Operating => "operating",
            Meaning::ThreePublic => "three-public",
            Meaning::Abroad => "abroad",
            Meaning::Vehicles => "vehicles",
            Meaning::VehiclePurchase => "vehicle-purchase",
            Meaning::VehicleRunning => "vehicle-running",
            Meaning::Reception => "reception",
            Meaning::Procurement => "procurement",
            Meaning::Goods => "goods",
            Meaning::Works => "works",
            Meaning::Services => "services",
            Meaning::Assets => "assets",
            Meaning::Purchases => "purchases",
            Meaning::Function(_) => "function",
        }
    }

    /// The meaning of a subject; `None` where it is none of the standard ones.
    pub fn of(subject: &str) -> Option<Meaning> {
        let folded = fold(subject);
        let item = folded.strip_suffix("支出").filter(|rest| rest.ends_with("(项)")).unwrap_or(&folded);
        if let Some(head) = item.strip_suffix("(项)\"").or_else(|| item.strip_suffix("(项)")) {
            let name = head.rsplit([')', '"']).next().unwrap_or(head);
            return (!name.is_empty()).then(|| Meaning::Function(name.to_owned()));
        }
        if words().file.total.contains(&folded.as_str()) {
            return Some(Meaning::Budget);
        }
        let within = words().within(&folded);
        let fits = |(all, none): &(Set, Set)| within & all == *all && within & none == 0;
        words().sets.iter().position(fits).map(|at| words().file.subjects[at].meaning.clone())
    }
}

/// Whether a subject speaks of budget money.
pub fn is_money_word(subject: &str) -> bool {
    words().file.money.iter().any(|word| subject.contains(word))
}

fn has(list: &[&str], text: &str) -> bool {
    list.iter().any(|word| text.contains(word))
}

/// Whether a subject or a heading names one fund, other than as the money of “三公”经费.
pub(super) fn is_scope(subject: &str) -> bool {
    has(&words().file.scope, subject) && !subject.contains("三公")
}

/// Whether words are of the year of the budget, after others of an earlier one.
pub(super) fn is_this_year(text: &str) -> bool {
    has(&words().file.this_year, text)
}

/// Whether a subject says that it is a part of the money, or money for each.
pub(super) fn names_part(subject: &str) -> bool {
    has(&words().file.part, subject)
}

/// Whether the words before a subject name a unit that is not the department, nor the department with
/// its units.
pub(super) fn names_unit(owner: &str, department: &str) -> bool {
    let owner = fold(owner);
    if ["(含", "及所属", "和所属", "及下属", "和下属"].iter().any(|with| owner.contains(with)) {
        return false;
    }
    let department = fold(department);
    let owner = owner.replace(department.as_str(), "");
    words().file.unit.iter().any(|unit| owner.contains(unit) && !department.ends_with(unit))
}

/// Whether a subject has words beside those of the standard amounts: the name of a unit, of a project.
pub(super) fn is_other(subject: &str) -> bool {
    /// A word that is left, such as the number of a list, says nothing.
    const LEAST: usize = 2;
    if names_part(subject) {
        return true;
    }
    let folded = fold(subject);
    let (mut rest, mut left) = (folded.as_str(), 0);
    while let Some(ch) = rest.chars().next() {
        let known = words().file.beside.iter().filter(|word| rest.starts_with(**word)).map(|word| word.len()).max();
        left += usize::from(known.is_none() && ch.is_alphabetic());
        rest = &rest[known.unwrap_or(ch.len_utf8())..];
    }
    left >= LEAST
}

/// The source of income that a part of the income is, without the word 收入.
pub(super) fn of_income(subject: &str) -> Option<Meaning> {
    let meaning = Meaning::of(&format!("{subject}收入"))?;
    (meaning.id().starts_with("income-") && !subject.contains("支出")).then_some(meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_names_have_their_meaning() {
        for (subject, meaning) in [
            ("预算收入总计", Meaning::Income),
            ("基金预算收入", Meaning::IncomeFund),
            ("部门支出预算", Meaning::Expenditure),
            ("日常公用经费", Meaning::Public),
            ("财政拨款“三公”经费预算", Meaning::ThreePublic),
            ("公务用车购置及运维费", Meaning::Vehicles),
            ("公务用车购置费", Meaning::VehiclePurchase),
            ("各单位拟购置固定资产", Meaning::Purchases),
            ("“农林水支出（类）林业和草原（款）行政运行（项）”", Meaning::Function("行政运行".to_owned())),
        ] {
            assert_eq!(Meaning::of(subject), Some(meaning), "{subject}");
        }
        assert_eq!(Meaning::of("养老保险征缴"), None);
    }

    #[test]
    fn words_beside_a_subject_make_it_another_amount() {
        for subject in
            ["教师培训经费项目支出", "云岭县国有林场基本支出", "人员类项目支出", "生均公用经费", "本级基本支出"]
        {
            assert!(is_other(subject), "{subject}");
        }
        for subject in [
            "项目支出",
            "日常公用经费",
            "因公出国（境）费用",
            "上年末固定资产金额",
            "单位（处室）拟购置固定资产",
            "公务用车购置及运行维护费",
            "国有资本经营预算拨款收入",
        ] {
            assert!(!is_other(subject), "{subject}");
        }
        assert!(names_unit("云岭县国有林场2024年", "云岭县林草服务局"));
        assert!(!names_unit("云岭县林草服务中心2024年", "云岭县林草服务中心"));
        assert!(!names_unit("云岭县林草服务局（含所属林场）2024年", "云岭县林草服务局"));
        assert_eq!(of_income("政府性基金"), Some(Meaning::IncomeFund));
        assert_eq!(of_income("护林经费"), None);
    }
}
