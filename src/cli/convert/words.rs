//! What is said about inputs and about a whole run.

use std::path::Path;

use yusuan::finding::Lang;

use crate::cli::console::{Console, shown};
use crate::cli::inputs::Input;
use crate::cli::report::{self, Record, Row, Status};

/// What became of an input, in one line.
pub fn said(input: &Input, output: Option<&Path>, record: Option<&Record>, status: Status, lang: Lang) -> String {
    let mut line = input.shown();
    if let Some(output) = output {
        line.push_str(&format!(" → {}", shown(output)));
    }
    let mut details = Vec::new();
    match (status, lang) {
        (Status::UpToDate, Lang::Zh) => details.push("已是最新".to_owned()),
        (Status::UpToDate, Lang::En) => details.push("up to date".to_owned()),
        (Status::Kept, Lang::Zh) => details.push("输出已被人修改，保留".to_owned()),
        (Status::Kept, Lang::En) => details.push("edited since, kept".to_owned()),
        _ => {}
    }
    if let Some(record) = record {
        let tables = record.forms.values().sum::<usize>();
        details.push(match lang {
            Lang::Zh => format!("识别表格 {tables} 张"),
            Lang::En if tables == 1 => "1 table".to_owned(),
            Lang::En => format!("{tables} tables"),
        });
        if record.unrecognised > 0 {
            details.push(match lang {
                Lang::Zh => format!("未识别 {} 张", record.unrecognised),
                Lang::En => format!("{} unrecognised", record.unrecognised),
            });
        }
        details.push(record.findings.words(lang));
    }
    details.retain(|detail| !detail.is_empty());
    match (details.is_empty(), lang) {
        (true, _) => line,
        (false, Lang::Zh) => format!("{line}（{}）", details.join("，")),
        (false, Lang::En) => format!("{line} ({})", details.join(", ")),
    }
}

/// What became of all inputs, in one line.
pub fn summary(rows: &[Row], console: &Console) {
    let counts = report::tally(rows);
    let words = |zh: bool| -> String {
        let all = [
            ("done", "完成", "done"),
            ("up-to-date", "已是最新", "up to date"),
            ("kept", "保留修改", "kept as edited"),
            ("failed", "失败", "failed"),
            ("timed-out", "超时", "timed out"),
        ];
        all.iter()
            .filter(|(status, ..)| counts[status] > 0)
            .map(|(status, chinese, english)| match zh {
                true => format!("{chinese} {}", counts[status]),
                false => format!("{} {english}", counts[status]),
            })
            .collect::<Vec<_>>()
            .join(if zh { "，" } else { ", " })
    };
    let total = rows.len();
    let inputs = if total == 1 { "input" } else { "inputs" };
    console.say(&format!("共 {total} 份：{}", words(true)), &format!("{total} {inputs}: {}", words(false)));
}

/// What became of an input of several, in one line.
pub fn line(input: &Input, row: &Row, console: &Console) -> String {
    match &row.error {
        Some(error) => console.error_line(error),
        None => said(input, row.output.as_deref(), row.record.as_ref(), row.status, console.lang),
    }
}
