//! The arguments, as clap reads them. English help stands here, Chinese help in `args_zh.rs`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use yusuan::finding::Lang;

use super::Outcome;
use super::formats::To;

#[path = "args_zh.rs"]
mod zh;

/// Chinese departmental budget filings (部门预算) to the finance bureau's standard spreadsheets,
/// and the edits back into the text
#[derive(Debug, Parser)]
#[command(name = "yusuan", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Language of messages [default: after LC_ALL, LC_MESSAGES, LANG]
    #[arg(long, global = true, value_name = "zh|en", value_parser = ["zh", "en"], hide_possible_values = true)]
    lang: Option<String>,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read filings of any kind and write them in another
    Convert(Convert),
    /// Print every finding of filings, with its place in the source
    Check(Check),
    /// Carry the edits made in a workbook back into the original text or docx
    Apply(Apply),
    /// What differs between two filings of any kind
    Diff(Diff),
    /// What a finding means, why it matters, an example, what to do
    Explain(Explain),
    /// The standard forms: list them, show one, get an empty workbook to fill in
    Forms(Forms),
    /// The settings in force and where each comes from
    Config,
    /// Completion for a shell
    Completions(Completions),
}

/// Which inputs, and how they are read.
#[derive(Args, Clone, Debug, Default)]
pub struct Inputs {
    /// Files, folders, or - for standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Of folders, only files that match; may be given again
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Of folders, no files that match; may be given again
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Folder with form files of your own, read besides the built-in ones
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
    /// How many inputs at a time [default: one for each core]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Seconds that one input of several may take; 0 is no limit [default: 120]
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: Option<u64>,
}

/// `convert`.
#[derive(Args, Debug)]
pub struct Convert {
    /// File to write, - for standard output; of several inputs the folder [default: beside the input]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Format to write [default: after the extension of the output, else xlsx]
    #[arg(long, value_name = "FORMAT")]
    pub to: Option<To>,
    /// Family of forms to write on [default: the one each table was recognised with]
    #[arg(long, value_name = "FAMILY")]
    pub template: Option<String>,
    /// Money unit to convert the tables to, 元 or 万元 [default: as printed]
    #[arg(long, value_name = "UNIT", value_parser = ["元", "万元"], hide_possible_values = true)]
    pub unit: Option<String>,
    /// For --to mof: a value that is the same for the whole run, such as MOF_DIV_CODE=130000000
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// Write over outputs that exist; of several inputs also those that are up to date
    #[arg(short, long)]
    pub force: bool,
    /// Machine-readable report of the run, .json or .csv: status, forms, findings and time of each input
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub inputs: Inputs,
}

/// `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    /// Finding that is not reported; may be given again
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,
    /// Finding that counts as an inconsistency whatever its severity; may be given again
    #[arg(long, value_name = "CODE")]
    pub deny: Vec<String>,
    /// File to write the findings to [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write over an output that exists
    #[arg(short, long)]
    pub force: bool,
    #[command(flatten)]
    pub inputs: Inputs,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people, with the line of the source
    Text,
    /// Schema yusuan/findings@1
    Json,
    /// For editors and continuous integration
    Sarif,
    /// A return sheet for the department
    Xlsx,
}

/// `apply`.
#[derive(Args, Debug)]
pub struct Apply {
    /// The edited workbook
    #[arg(value_name = "EDITED.xlsx")]
    pub edited: PathBuf,
    /// The original text or docx
    #[arg(long, value_name = "ORIGINAL")]
    pub to: PathBuf,
    /// File to write, - for standard output [default: ORIGINAL.edited beside the original]
    #[arg(short, long, value_name = "NEW")]
    pub output: Option<PathBuf>,
    /// Change amounts in the prose that repeat a changed amount, too
    #[arg(long)]
    pub sync_prose: bool,
    /// Print the edits and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write over an output that exists
    #[arg(short, long)]
    pub force: bool,
    /// Folder with form files of your own, read besides the built-in ones
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
}

/// `diff`.
#[derive(Args, Debug)]
pub struct Diff {
    /// The old filing
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The new filing
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// How to print the differences
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// Folder with form files of your own, read besides the built-in ones
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
}

/// How differences are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Text,
    /// Schema yusuan/diff@1
    Json,
}

/// `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// Code of the finding, such as sum-mismatch; without it, all codes
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `forms`.
#[derive(Args, Debug)]
pub struct Forms {
    #[command(subcommand)]
    pub action: Option<FormsAction>,
    /// Folder with form files of your own, read besides the built-in ones
    #[arg(long, value_name = "DIR", global = true)]
    pub templates: Option<PathBuf>,
}

/// What to do with forms.
#[derive(Debug, Subcommand)]
pub enum FormsAction {
    /// All forms that are known
    List,
    /// The fields, columns and sums of a form
    Show {
        /// Form, such as project-performance or hebei-2021/project-performance
        #[arg(value_name = "FORM")]
        form: String,
    },
    /// An empty workbook of a form, with its formulas
    Blank {
        /// Form, such as project-performance or hebei-2021/project-performance
        #[arg(value_name = "FORM")]
        form: String,
        /// File to write [default: FORM.xlsx in this folder]
        #[arg(short, long, value_name = "FILE.xlsx")]
        output: Option<PathBuf>,
        /// Write over an output that exists
        #[arg(short, long)]
        force: bool,
    },
}

/// `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// Shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

/// The command as clap knows it, with help in a language.
pub fn command(lang: Lang) -> clap::Command {
    let command = Arguments::command();
    match lang {
        Lang::Zh => zh::translate(command),
        Lang::En => command,
    }
}

/// Reads the arguments; `Err` after help was printed or the usage was wrong.
pub fn parse(arguments: Vec<OsString>, lang: Lang) -> Result<Arguments, Outcome> {
    let parsed =
        command(lang).try_get_matches_from(arguments).and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            // A reader that went away has seen enough.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let console = super::console::Console::new(lang, false);
                console.error(&yusuan::Error::from(error).within(console.pick("标准输出", "standard output")));
                Outcome::Nothing
            }
            _ => Outcome::Done,
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Outcome::Nothing
        }
        _ => {
            let message = match lang {
                Lang::Zh => zh::message(&error),
                Lang::En => None,
            };
            match message {
                Some(message) => super::console::print_line(&message),
                None => drop(error.print()),
            }
            Outcome::Nothing
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_consistent() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }
}
