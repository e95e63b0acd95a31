//! The content of a filing without places, and what differs between two.

use serde_json::Value;
use yusuan::Filing;
use yusuan::finding::Lang;

/// The filing as JSON, without what depends on the source: places, names, findings.
pub fn content(filing: &Filing) -> Value {
    let json = yusuan::write::json::write(filing, &[], Lang::En);
    let mut value: Value = serde_json::from_slice(&json).expect("our own JSON");
    without_places(&mut value);
    if let Value::Object(map) = &mut value {
        map.remove("source");
        map.remove("findings");
    }
    value
}

fn without_places(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("at");
            map.values_mut().for_each(without_places);
        }
        Value::Array(list) => list.iter_mut().for_each(without_places),
        _ => {}
    }
}

/// The first places where two contents differ, for people; empty when they are equal.
pub fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differ("", one, other, &mut found);
    found
}

fn differ(at: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    if found.len() >= 20 || one == other {
        return;
    }
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, value) in a {
                differ(&format!("{at}/{key}"), value, &b[key], found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for (index, (x, y)) in a.iter().zip(b).enumerate() {
                differ(&format!("{at}/{index}"), x, y, found);
            }
            if a.len() != b.len() {
                found.push(format!("{at}: {} entries, {} entries", a.len(), b.len()));
            }
        }
        _ => found.push(format!("{at}: {} ≠ {}", short(one), short(other))),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(300).collect()
}
