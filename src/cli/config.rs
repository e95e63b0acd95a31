//! `yusuan config`: the settings in force, as TOML, and where each comes from.

use std::fmt::Write as _;

use toml::Value;
use yusuan::Error;

use super::Outcome;
use super::console::{Console, shown};
use super::settings::{Settings, TIME_LIMIT, cores};

/// Runs the command.
pub fn run(console: &Console) -> Result<Outcome, Error> {
    let settings = Settings::load()?;
    console.result(text(&settings, console).as_bytes())?;
    Ok(Outcome::Done)
}

/// `BGT_PM_ANNUAL.VERSION` is one key, not a path.
fn toml_key(key: &str) -> String {
    match key.contains('.') {
        true => Value::from(key).to_string(),
        false => key.to_owned(),
    }
}

fn text(settings: &Settings, console: &Console) -> String {
    let config = &settings.config;
    let file = settings.file.as_deref().map(shown);
    let mut out = match &file {
        Some(file) => format!("# {file}\n"),
        None => console
            .pick(
                "# 从当前文件夹向上没有找到 yusuan.toml，以下都是默认设置\n",
                "# no yusuan.toml in this folder or above it: all are defaults\n",
            )
            .to_owned(),
    };
    let origin = |set: bool, zh: &str, en: &str| match set {
        true => "yusuan.toml".to_owned(),
        false => format!("{}{}", console.pick("默认：", "default: "), console.pick(zh, en)),
    };
    let mut line = |key: &str, value: Option<Value>, why: String| {
        let _ = match value {
            Some(value) => writeln!(out, "{key} = {value}  # {why}"),
            None => writeln!(out, "# {key}  # {why}"),
        };
    };
    let list = |texts: &[String]| Some(Value::from(texts.to_vec()));
    let templates = config.templates.as_ref().map(|path| Value::from(path.to_string_lossy().into_owned()));
    line("templates", templates, origin(config.templates.is_some(), "只用内置表样", "the built-in forms only"));
    line(
        "template",
        config.template.clone().map(Value::from),
        origin(config.template.is_some(), "各表用识别出的表样", "each table on the form it was recognised with"),
    );
    line(
        "unit",
        config.unit.map(|unit| Value::from(unit.name())),
        origin(config.unit.is_some(), "金额单位照原样", "amounts in the unit they are printed in"),
    );
    let mapping = config.mapping.as_ref().map(|path| Value::from(path.to_string_lossy().into_owned()));
    line("mapping", mapping, origin(config.mapping.is_some(), "内置的导入表对应关系", "the built-in import mapping"));
    line(
        "jobs",
        Some(Value::from(config.jobs.map_or_else(|| cores() as i64, i64::from))),
        origin(config.jobs.is_some(), "每个处理器核一个", "one for each core"),
    );
    line(
        "time_limit",
        Some(Value::from(config.time_limit.unwrap_or(TIME_LIMIT) as i64)),
        origin(config.time_limit.is_some(), "每个文件的秒数", "seconds for one of several inputs"),
    );
    line("include", list(&config.include), origin(!config.include.is_empty(), "全部文件", "all files"));
    line("exclude", list(&config.exclude), origin(!config.exclude.is_empty(), "不排除", "none"));
    out.push_str("\n[rules]\n");
    let mut line = |key: &str, codes: &[String]| {
        let why = origin(!codes.is_empty(), "无", "none");
        let _ = writeln!(out, "{key} = {}  # {why}", Value::from(codes.to_vec()));
    };
    line("allow", &config.rules.allow);
    line("deny", &config.rules.deny);
    out.push_str("\n[set]\n");
    for (field, value) in &config.set {
        let _ = writeln!(out, "{} = {}  # yusuan.toml", toml_key(field), Value::from(value.clone()));
    }
    out
}
