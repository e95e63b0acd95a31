//! The language of messages and of the help.

use std::ffi::OsString;

use yusuan::finding::Lang;

/// The language of a run: `--lang`, else the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that says
/// something, else English. Needed before the arguments are parsed, whose errors speak it too.
pub fn choose(arguments: &[OsString]) -> Lang {
    choose_from(arguments, |name| std::env::var(name).ok())
}

fn choose_from(arguments: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Lang {
    let mut asked = None;
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        match word {
            "--" => break,
            "--lang" => asked = words.next().and_then(named).or(asked),
            _ => asked = word.strip_prefix("--lang=").and_then(named).or(asked),
        }
    }
    asked.unwrap_or_else(|| {
        let said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        match said {
            Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Lang::Zh,
            _ => Lang::En,
        }
    })
}

fn named(name: &str) -> Option<Lang> {
    match name {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(arguments: &[&str], variables: &[(&str, &str)]) -> Lang {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        choose_from(&arguments, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_first_variable_that_says_something_decides() {
        assert_eq!(chosen(&["yusuan"], &[("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(chosen(&["yusuan"], &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Lang::En);
        assert_eq!(chosen(&["yusuan"], &[]), Lang::En);
    }

    #[test]
    fn the_option_wins_and_ends_at_two_dashes() {
        assert_eq!(chosen(&["yusuan", "check", "--lang", "zh"], &[("LANG", "en_US")]), Lang::Zh);
        assert_eq!(chosen(&["yusuan", "--lang=en"], &[("LANG", "zh_CN")]), Lang::En);
        assert_eq!(chosen(&["yusuan", "check", "--", "--lang=zh"], &[]), Lang::En);
    }
}
