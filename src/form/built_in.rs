//! The form files that come with the program.

use std::sync::OnceLock;

use super::Forms;

// `build.rs` lists the form files of all folders of `templates/` that are families.
include!(concat!(env!("OUT_DIR"), "/forms.rs"));

/// The built-in forms, loaded once.
pub fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| Forms::load_json(JSON.iter().copied()).expect("the built-in form files are tested"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_their_forms_stand_in_the_order_of_family_files() {
        let families: Vec<&str> = forms().families.iter().map(|family| family.id.as_str()).collect();
        assert_eq!(families, ["hebei-2023", "hebei-2021", "ningxia-2023", "national"]);
        let form = |at: usize| forms().families[0].forms[at].key.form.as_str();
        assert_eq!((form(0), form(1), form(2)), ("institutions", "revenue-expenditure-summary", "revenue-summary"));
    }

    #[test]
    fn built_in_form_files_say_what_their_toml_says() {
        assert!(forms().all().count() > 10);
        let written = Forms::load(FILES.iter().copied()).expect("form files");
        assert_eq!(format!("{:?}", forms()), format!("{written:?}"));
    }
}
