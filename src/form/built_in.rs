//! The form files that come with the program.

use std::sync::OnceLock;

use super::Forms;
use crate::templates::json;

macro_rules! templates {
    ($($path:literal),* $(,)?) => {
        /// Path below `templates/` and content of each form file, families in order of preference.
        pub const FILES: &[(&str, &str)] = &[
            $((concat!($path, ".toml"), include_str!(concat!("../../templates/", $path, ".toml")))),*
        ];

        /// The same files in JSON.
        const JSON: &[(&str, &str)] = &[$((concat!($path, ".toml"), json!($path))),*];
    };
}

templates![
    "lists/indicators",
    "hebei-2023/family",
    "hebei-2023/institutions",
    "hebei-2023/revenue-expenditure-summary",
    "hebei-2023/revenue-summary",
    "hebei-2023/expenditure-summary",
    "hebei-2023/fiscal-summary",
    "hebei-2023/general-expenditure",
    "hebei-2023/fund-expenditure",
    "hebei-2023/state-capital-expenditure",
    "hebei-2023/basic-expenditure",
    "hebei-2023/three-public",
    "hebei-2023/activity-performance",
    "hebei-2023/project-performance",
    "hebei-2023/procurement",
    "hebei-2023/state-assets",
    "hebei-2021/family",
    "hebei-2021/project-performance",
    "hebei-2021/procurement",
    "hebei-2021/state-assets",
    "ningxia-2023/family",
    "ningxia-2023/project-performance",
    "national/family",
    "national/basic-expenditure",
    "national/expenditure-summary",
    "national/fiscal-summary",
    "national/fund-expenditure",
    "national/general-expenditure",
    "national/overall-performance",
    "national/project-declaration",
    "national/project-performance",
    "national/revenue-expenditure-summary",
    "national/revenue-summary",
    "national/state-capital-expenditure",
    "national/three-public",
];

/// The built-in forms, loaded once.
pub fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| Forms::load_json(JSON.iter().copied()).expect("the built-in form files are tested"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_form_files_say_what_their_toml_says() {
        assert!(forms().all().count() > 10);
        let written = Forms::load(FILES.iter().copied()).expect("form files");
        assert_eq!(format!("{:?}", forms()), format!("{written:?}"));
    }
}
