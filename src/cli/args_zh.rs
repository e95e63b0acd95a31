//! The help and the usage errors in Chinese.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, ArgAction, Command};

/// Help by command, by argument of a command (`convert.output`), or by argument of any command.
const HELP: &[(&str, &str)] = &[
    ("yusuan", "把部门预算文本转换成财政局标准电子表格，并把表格里的修改写回原文"),
    ("convert", "读入各种部门预算文件，写成另一种格式"),
    ("check", "列出文件中的每一处问题及其在原文中的位置"),
    ("apply", "把工作簿里的修改写回原来的文本或 docx"),
    ("apply.edited", "改过的工作簿"),
    ("apply.to", "原来的文本或 docx"),
    ("apply.output", "输出文件，- 表示标准输出（默认在原件旁，名为 原名.edited）"),
    ("apply.force", "覆盖已有的输出"),
    ("sync_prose", "文字中与改动金额相同的数一并修改"),
    ("dry_run", "只列出修改，不写文件"),
    ("diff", "两份文件（任何格式）有哪些不同"),
    ("diff.format", "输出方式：text（供人阅读，默认）或 json"),
    ("old", "旧文件"),
    ("new", "新文件"),
    ("explain", "说明某类问题是什么、为什么要紧、举例、怎么办"),
    ("forms", "标准表样：列出、查看、生成可填写的空白工作簿"),
    ("forms.list", "列出全部已知表样"),
    ("forms.show", "查看一张表的填报项、栏目和合计关系"),
    ("forms.blank", "生成一张表的空白工作簿，公式已填好"),
    ("forms.blank.output", "输出文件（默认为当前文件夹中的 FORM.xlsx）"),
    ("forms.blank.force", "覆盖已有的输出"),
    ("config", "当前生效的设置及其来源"),
    ("completions", "生成命令行补全脚本"),
    ("lang", "提示语言：zh 或 en（默认依次看 LC_ALL、LC_MESSAGES、LANG）"),
    ("quiet", "只显示错误"),
    ("inputs", "文件、文件夹，或 - 表示标准输入"),
    ("include", "文件夹中只取名称匹配的文件，可多次给出"),
    ("exclude", "文件夹中不取名称匹配的文件，可多次给出"),
    ("templates", "自备表样所在的文件夹，与内置表样一并使用"),
    ("jobs", "同时处理几个文件（默认与处理器核数相同）"),
    ("time_limit", "多个文件时每个文件最多用几秒，0 为不限（默认 120）"),
    ("convert.output", "输出文件，- 表示标准输出；多个输入时为文件夹（默认放在原文件旁）"),
    (
        "to",
        "输出格式：xlsx、txt、json、docx；汇总全部输入的 tables、sqlite、parquet、mof（默认按输出文件的扩展名，否则为 xlsx）",
    ),
    ("convert.force", "覆盖已有的输出；多个输入时，已是最新的也重做"),
    ("template", "按哪一族表样输出（默认与识别时相同）"),
    ("unit", "各表金额换算成哪个单位：元 或 万元（默认照原样）"),
    ("set", "导入表中整批相同的值，如 MOF_DIV_CODE=130000000，可多次给出"),
    ("report", "运行报告（.json 或 .csv）：每个文件的状态、识别出的表、问题数和用时"),
    ("format", "输出方式：text（供人阅读，默认）、json、sarif、xlsx（给部门的反馈单）"),
    ("allow", "不报告的问题代码，可多次给出"),
    ("deny", "一律按矛盾处理的问题代码，可多次给出"),
    ("check.output", "结果写入的文件（默认为标准输出）"),
    ("check.force", "覆盖已有的输出"),
    ("code", "问题代码，如 sum-mismatch；不给则列出全部"),
    ("form", "表样，如 project-performance 或 hebei-2021/project-performance"),
    ("shell", "命令行环境：bash、elvish、fish、powershell、zsh"),
];

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}";

/// The same command with its help in Chinese.
pub fn translate(command: Command) -> Command {
    translated(command, "")
}

fn translated(command: Command, path: &str) -> Command {
    let root = path.is_empty();
    let mut command = command.help_template(TEMPLATE).subcommand_help_heading("命令").disable_help_flag(true);
    if let Some(about) = help(if root { "yusuan" } else { path }) {
        command = command.about(about);
    }
    command = command.mut_args(|arg| {
        let id = arg.get_id().as_str().to_owned();
        let arg = heading(arg);
        match help(&format!("{path}.{id}")).or_else(|| help(&id)) {
            Some(text) if arg.get_action().takes_values() => {
                arg.help(text).hide_default_value(true).hide_possible_values(true)
            }
            Some(text) => arg.help(text),
            None => arg,
        }
    });
    if root {
        command = command
            .disable_version_flag(true)
            .arg(heading(Arg::new("version").short('V').long("version").action(ArgAction::Version)).help("显示版本"));
    }
    command = command.arg(heading(Arg::new("help").short('h').long("help").action(ArgAction::Help)).help("显示帮助"));
    command.mut_subcommands(|child| {
        let below = if root { child.get_name().to_owned() } else { format!("{path}.{}", child.get_name()) };
        translated(child, &below)
    })
}

fn heading(arg: Arg) -> Arg {
    let heading = if arg.is_positional() { "参数" } else { "选项" };
    arg.help_heading(heading)
}

fn help(key: &str) -> Option<StyledStr> {
    HELP.iter().find(|(known, _)| *known == key).map(|(_, text)| StyledStr::from(*text))
}

/// A usage error as one line in Chinese; `None` for the rare kinds that have no words here.
pub fn message(error: &Error) -> Option<String> {
    let said = |kind| error.get(kind).map(plain).unwrap_or_default();
    let argument = said(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数“{argument}”"),
        ErrorKind::InvalidSubcommand => format!("没有命令“{}”", said(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {argument}"),
        ErrorKind::MissingSubcommand => "没有给出命令".to_owned(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (value, valid) = (said(ContextKind::InvalidValue), said(ContextKind::ValidValue));
            match (value.is_empty(), valid.is_empty()) {
                (true, _) => format!("{argument} 没有给出值"),
                (false, true) => format!("{argument} 不能是“{value}”"),
                (false, false) => format!("{argument} 不能是“{value}”，可用：{valid}"),
            }
        }
        ErrorKind::ArgumentConflict => match said(ContextKind::PriorArg) {
            prior if prior == argument || prior.is_empty() => format!("{argument} 只能给一次"),
            prior => format!("{argument} 不能与 {prior} 同时使用"),
        },
        ErrorKind::TooManyValues => format!("{argument} 不接受值“{}”", said(ContextKind::InvalidValue)),
        ErrorKind::InvalidUtf8 => "参数不是 UTF-8 文字".to_owned(),
        _ => return None,
    };
    Some(format!("错误：{message}；用法见 yusuan --help"))
}

fn plain(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join("、"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use yusuan::finding::Lang;

    use super::*;
    use crate::cli::formats::To;

    fn untranslated(command: &Command, path: &str, missing: &mut Vec<String>) {
        let chinese = |text: Option<&StyledStr>| {
            text.is_some_and(|text| text.to_string().chars().any(|ch| ('一'..='龥').contains(&ch)))
        };
        if !chinese(command.get_about()) {
            missing.push(path.to_owned());
        }
        for arg in command.get_arguments().filter(|arg| !chinese(arg.get_help())) {
            missing.push(format!("{path}.{}", arg.get_id()));
        }
        for child in command.get_subcommands() {
            untranslated(child, &format!("{path}.{}", child.get_name()), missing);
        }
    }

    #[test]
    fn every_output_format_stands_in_both_helps() {
        for lang in [Lang::Zh, Lang::En] {
            let mut command = super::super::command(lang);
            let convert = command.find_subcommand_mut("convert").expect("a command");
            let help = convert.render_long_help().to_string();
            let words: Vec<&str> = help.split(|ch: char| !ch.is_ascii_alphanumeric()).collect();
            for to in To::value_variants() {
                assert!(words.contains(&to.name()), "{lang:?}: {}", to.name());
            }
        }
    }

    #[test]
    fn every_command_and_argument_has_chinese_help() {
        let mut missing = Vec::new();
        untranslated(&super::super::command(Lang::Zh), "yusuan", &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
    }
}
