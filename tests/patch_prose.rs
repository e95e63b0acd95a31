//! Amounts in the prose that repeat an edited amount of a table.

mod common;

use yusuan::filing::{Block, Filing};
use yusuan::form::built_in;
use yusuan::limits::Limits;
use yusuan::patch::{Applied, Options, apply_filing};
use yusuan::text::Text;

const TABLE: &str = "部门预算收支总表\n\n单位：万元\n\n序号\t收入\t\t支出\t\n\t项目\t预算数\t项目\t预算数\n\
    1\t一、一般公共预算拨款收入\t16,839.09\t一、一般公共服务支出\t\n\
    2\t二、政府性基金预算拨款收入\t20.00\t二、外交支出\t16,859.09\n\
    3\t本年收入合计\t16,859.09\t本年支出合计\t16,859.09\n\
    4\t收入总计\t16,859.09\t支出总计\t16,859.09\n";

const PROSE: &str = "云岭县林草服务局2023年部门预算信息公开说明\n\n二、收入说明\n\n\
    2023年预算收入16,859.09万元，比上年增加12.50万元。其中：一般公共预算收入1.6839亿元，基金预算收入200,000元。\
    2022年预算收入16,859.09万元。支出预算16,859.09万元。乡镇林场维护20.00万元。\n\n";

/// Sets the general budget's and the fund's income.
fn edited(sync_prose: bool, general: &str, fund: &str) -> Applied {
    let bytes = format!("{PROSE}{TABLE}").into_bytes();
    let before = common::filing("a.txt", &bytes);
    let mut after: Filing = before.clone();
    for block in &mut after.blocks {
        if let Block::Table(table) = block {
            let column = table.column("revenue_amount").expect("the form's column");
            for (row, value) in [(0, general), (1, fund)] {
                table.rows[row].cells[column].text = Text::from(value);
            }
        }
    }
    let options = Options { sync_prose, ..Options::default() };
    apply_filing(&bytes, &before, &after, built_in::forms(), &Limits::default(), &options).expect("carried")
}

fn prose(applied: &Applied) -> String {
    let text = String::from_utf8(applied.bytes.clone()).expect("UTF-8");
    text.lines().find(|line| line.contains("预算收入")).expect("the paragraph").to_owned()
}

#[test]
fn amounts_follow_in_their_own_manner() {
    let applied = edited(true, "16849.09", "25");
    assert_eq!(
        prose(&applied),
        "2023年预算收入16,874.09万元，比上年增加12.50万元。其中：一般公共预算收入1.6849亿元，基金预算收入250,000元。\
         2022年预算收入16,859.09万元。支出预算16,859.09万元。乡镇林场维护20.00万元。"
    );
    // The growth of what changed is named, the paragraph is no edit of anybody.
    assert!(applied.findings.iter().any(|finding| finding.zh.contains("增加") && finding.rule == "prose-not-synced"));
    assert!(applied.changes.iter().any(|change| change.follows && change.new.contains("16,874.09")));
}

#[test]
fn without_the_option_they_are_named_and_stay() {
    let applied = edited(false, "16849.09", "25");
    assert!(PROSE.contains(&prose(&applied)));
    let named: Vec<&str> = (applied.findings.iter())
        .filter(|finding| finding.rule == "prose-not-synced")
        .map(|finding| finding.zh.as_str())
        .collect();
    for wish in ["16,874.09万元", "1.6849亿元", "250,000元"] {
        assert!(named.iter().any(|text| text.contains(wish)), "{wish}: {named:#?}");
    }
    assert_eq!(named.len(), 3, "{named:#?}");
}
