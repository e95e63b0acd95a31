//! The form files that come with the program.

use std::sync::OnceLock;

use super::Forms;

macro_rules! templates {
    ($($path:literal),* $(,)?) => {
        /// Path below `templates/` and content of each form file, families in order of preference.
        pub const FILES: &[(&str, &str)] = &[
            $(($path, include_str!(concat!("../../templates/", $path)))),*
        ];
    };
}

templates![
    "lists/indicators.toml",
    "hebei-2023/family.toml",
    "hebei-2023/institutions.toml",
    "hebei-2023/revenue-expenditure-summary.toml",
    "hebei-2023/revenue-summary.toml",
    "hebei-2023/expenditure-summary.toml",
    "hebei-2023/fiscal-summary.toml",
    "hebei-2023/general-expenditure.toml",
    "hebei-2023/fund-expenditure.toml",
    "hebei-2023/state-capital-expenditure.toml",
    "hebei-2023/basic-expenditure.toml",
    "hebei-2023/three-public.toml",
    "hebei-2023/activity-performance.toml",
    "hebei-2023/project-performance.toml",
    "hebei-2023/procurement.toml",
    "hebei-2023/state-assets.toml",
    "hebei-2021/family.toml",
    "hebei-2021/project-performance.toml",
    "hebei-2021/procurement.toml",
    "hebei-2021/state-assets.toml",
    "ningxia-2023/family.toml",
    "ningxia-2023/project-performance.toml",
    "national/family.toml",
    "national/basic-expenditure.toml",
    "national/expenditure-summary.toml",
    "national/fiscal-summary.toml",
    "national/fund-expenditure.toml",
    "national/general-expenditure.toml",
    "national/overall-performance.toml",
    "national/project-declaration.toml",
    "national/project-performance.toml",
    "national/revenue-expenditure-summary.toml",
    "national/revenue-summary.toml",
    "national/state-capital-expenditure.toml",
    "national/three-public.toml",
];

/// The built-in forms, loaded once.
pub fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| Forms::load(FILES.iter().copied()).expect("the built-in form files are tested"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn built_in_form_files_load() {
        assert!(super::forms().all().count() > 10);
    }
}
