//! What an amount in the prose is, in the terms of the standard tables.

use crate::form::label::fold;

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

/// Rules in order: all words of the second must be in the folded subject, none of the third.
const RULES: &[(Meaning, &[&str], &[&str])] = &[
    (Meaning::Purchases, &["购置", "固定资产"], &["公务用车"]),
    (Meaning::Assets, &["固定资产"], &["购置", "新增", "报废", "处置"]),
    (Meaning::Assets, &["国有资产", "总额"], &["购置", "新增"]),
    (Meaning::Vehicles, &["公务用车购置及运"], &[]),
    (Meaning::Vehicles, &["公务用车购置和运"], &[]),
    (Meaning::VehiclePurchase, &["公务用车购置"], &[]),
    (Meaning::VehicleRunning, &["公务用车运"], &[]),
    (Meaning::VehicleRunning, &["公车运"], &[]),
    (Meaning::Abroad, &["因公出国"], &[]),
    (Meaning::Reception, &["公务接待"], &[]),
    (Meaning::ThreePublic, &["三公"], &["因公", "公务"]),
    (Meaning::Operating, &["机关运行"], &[]),
    (Meaning::Goods, &["政府采购货物"], &[]),
    (Meaning::Works, &["政府采购工程"], &[]),
    (Meaning::Services, &["政府采购服务"], &[]),
    (Meaning::Goods, &["货物类"], &[]),
    (Meaning::Works, &["工程类"], &[]),
    (Meaning::Services, &["服务类"], &[]),
    (Meaning::Procurement, &["政府采购"], &["面向", "中小", "小微"]),
    (Meaning::CarryOver, &["上年结转"], &["支出", "财政拨款结转"]),
    (Meaning::IncomeFiscal, &["财政拨款收入"], &["一般公共", "基金", "国有资本"]),
    (Meaning::IncomeGeneral, &["一般公共预算", "收入"], &[]),
    (Meaning::IncomeFund, &["基金", "收入"], &["社会保险基金"]),
    (Meaning::IncomeCapital, &["国有资本经营", "收入"], &[]),
    (Meaning::IncomeSpecial, &["财政专户", "收入"], &[]),
    (Meaning::IncomeBusiness, &["经营收入"], &[]),
    (Meaning::IncomeOperating, &["事业收入"], &[]),
    (Meaning::IncomeSuperior, &["上级补助收入"], &[]),
    (Meaning::IncomeAffiliate, &["附属单位", "收入"], &[]),
    (Meaning::IncomeOther, &["其他", "收入"], &[]),
    (Meaning::Personnel, &["人员经费"], &["减少", "增加", "因"]),
    (Meaning::Public, &["公用经费"], &["减少", "增加", "因"]),
    (Meaning::Basic, &["基本支出"], &["一般公共", "财政拨款"]),
    (Meaning::Project, &["项目支出"], &["一般公共", "财政拨款", "主要"]),
    (Meaning::Budget, &["收支安排"], &[]),
    (Meaning::Budget, &["收支总"], &[]),
    (Meaning::Income, &["收入预算"], &["一般公共", "基金", "国有资本", "财政拨款"]),
    (Meaning::Income, &["预算收入"], &["一般公共", "基金", "国有资本", "财政拨款"]),
    (Meaning::Income, &["收入总计"], &[]),
    (Meaning::Income, &["收入合计"], &[]),
    (Meaning::Expenditure, &["支出预算"], &["一般公共", "基金", "国有资本", "财政拨款", "项目", "基本"]),
    (Meaning::Expenditure, &["预算支出"], &["一般公共", "基金", "国有资本", "财政拨款"]),
    (Meaning::Expenditure, &["支出总计"], &[]),
    (Meaning::Expenditure, &["支出合计"], &[]),
];

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

    /// Its name in form files.
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
        // A bare `预算` or `部门预算` is the total.
        if matches!(folded.as_str(), "预算" | "部门预算" | "部门预算总额" | "预算总额" | "年初预算" | "年部门预算")
        {
            return Some(Meaning::Budget);
        }
        RULES
            .iter()
            .find(|(_, all, none)| {
                all.iter().all(|word| folded.contains(word)) && !none.iter().any(|word| folded.contains(word))
            })
            .map(|(meaning, _, _)| meaning.clone())
    }
}

/// Whether a subject speaks of budget money.
pub fn is_money_word(subject: &str) -> bool {
    const WORDS: [&str; 12] =
        ["预算", "收入", "支出", "经费", "资金", "费", "采购", "资产", "拨款", "结转", "结余", "补助"];
    WORDS.iter().any(|word| subject.contains(word))
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
}
