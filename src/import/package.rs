//! `datapackage.json`: the tables described as a tabular data package with a fiscal model
//! (Data Package and Fiscal Data Package of the Open Knowledge Foundation).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::schema::{Direction, Table, Type, schema};

/// A file of the package.
#[derive(Debug)]
pub struct Resource {
    /// Its table.
    pub table: &'static Table,
    /// Its name.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    /// Rows without the header.
    pub rows: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dimension {
    name: String,
    title: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    classification: Option<String>,
    table: String,
    key: Vec<String>,
    #[serde(default)]
    label: Option<String>,
    attribute: BTreeMap<String, String>,
}

fn dimensions() -> &'static [Dimension] {
    #[derive(Deserialize)]
    struct File {
        dimension: Vec<Dimension>,
    }
    static DIMENSIONS: OnceLock<Vec<Dimension>> = OnceLock::new();
    DIMENSIONS.get_or_init(|| {
        let file: File = crate::templates::read!("import/tables");
        file.dimension
    })
}

/// The description of the package.
pub fn describe(resources: &[Resource]) -> Vec<u8> {
    let package = json!({
        "profile": "tabular-data-package",
        "name": "budget-filings",
        "title": "部门预算公开数据",
        "description": "yusuan 从部门预算公开文件中提取的数据表。金额以元计，“原样”列为文件中印出的文字。以 = + - @ 等开头的文字前加了一个单引号（'），以免被电子表格当作公式；负数不加。",
        "countryCode": "CN",
        "resources": resources.iter().map(resource).collect::<Vec<_>>(),
        "model": { "measures": measures(), "dimensions": model_dimensions() },
    });
    let mut bytes = serde_json::to_vec_pretty(&package).expect("all keys are strings");
    bytes.push(b'\n');
    bytes
}

fn resource(resource: &Resource) -> Value {
    let table = resource.table;
    let fields: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            let mut field = Map::new();
            field.insert("name".into(), json!(column.name));
            field.insert("title".into(), json!(column.title));
            let kind = match column.kind {
                Type::Text => "string",
                Type::Integer => "integer",
                Type::Decimal => "number",
                Type::Flag => "boolean",
            };
            field.insert("type".into(), json!(kind));
            if !column.about.is_empty() {
                field.insert("description".into(), json!(column.about));
            }
            if column.kind == Type::Flag {
                field.insert("trueValues".into(), json!(["true"]));
                field.insert("falseValues".into(), json!(["false"]));
            }
            Value::Object(field)
        })
        .collect();
    let foreign: Vec<Value> = table
        .columns
        .iter()
        .filter_map(|column| Some((column, column.refers.as_ref()?)))
        .map(|(column, other)| json!({ "fields": column.name, "reference": { "resource": other, "fields": "id" } }))
        .collect();
    let mut table_schema = Map::new();
    table_schema.insert("fields".into(), json!(fields));
    table_schema.insert("missingValues".into(), json!([""]));
    table_schema.insert("primaryKey".into(), json!("id"));
    if !foreign.is_empty() {
        table_schema.insert("foreignKeys".into(), json!(foreign));
    }
    json!({
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "description": table.about,
        "path": resource.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": { "delimiter": ",", "quoteChar": "\"", "doubleQuote": true, "lineTerminator": "\r\n", "header": true },
        "bytes": resource.bytes,
        "hash": format!("sha256:{}", resource.hash),
        "rows": resource.rows,
        "schema": table_schema,
    })
}

/// The amounts that may be added up, each with its place in the budget.
fn measures() -> Value {
    let mut measures = Map::new();
    for table in &schema().tables {
        let Some(direction) = table.direction else { continue };
        for column in &table.columns {
            let Some(item) = column.measure.map(|index| &table.items[index]) else { continue };
            let mut measure = Map::new();
            measure.insert("resource".into(), json!(table.name));
            measure.insert("source".into(), json!(column.name));
            measure.insert("title".into(), json!(format!("{}：{}", table.title, column.title)));
            measure.insert("currency".into(), json!("CNY"));
            measure.insert("factor".into(), json!(1));
            measure.insert(
                "direction".into(),
                json!(match direction {
                    Direction::Revenue => "revenue",
                    Direction::Expenditure => "expenditure",
                }),
            );
            measure.insert("phase".into(), json!(item.phase));
            if let Some(whole) = &item.part_of {
                measure.insert("parent".into(), json!(format!("{}_{whole}", table.name)));
            }
            measures.insert(format!("{}_{}", table.name, column.name), Value::Object(measure));
        }
    }
    Value::Object(measures)
}

fn model_dimensions() -> Value {
    let mut dimensions_json = Map::new();
    for dimension in dimensions() {
        let attributes: Map<String, Value> = dimension
            .attribute
            .iter()
            .map(|(name, column)| {
                let mut attribute = Map::new();
                attribute.insert("resource".into(), json!(dimension.table));
                attribute.insert("source".into(), json!(column));
                if let (true, Some(key)) = (dimension.label.as_ref() == Some(name), dimension.key.first()) {
                    attribute.insert("labelfor".into(), json!(key));
                }
                (name.clone(), Value::Object(attribute))
            })
            .collect();
        let mut one = Map::new();
        one.insert("title".into(), json!(dimension.title));
        one.insert("dimensionType".into(), json!(dimension.kind));
        if let Some(classification) = &dimension.classification {
            one.insert("classificationType".into(), json!(classification));
        }
        one.insert("primaryKey".into(), json!(dimension.key));
        one.insert("attributes".into(), Value::Object(attributes));
        dimensions_json.insert(dimension.name.clone(), Value::Object(one));
    }
    Value::Object(dimensions_json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_name_columns_that_exist() {
        for dimension in dimensions() {
            let table = &schema().tables[schema().index(&dimension.table).expect("a table")];
            for column in dimension.attribute.values() {
                assert!(table.column(column).is_some(), "{}: {column}", dimension.name);
            }
            let known = |name: &String| dimension.attribute.contains_key(name);
            assert!(dimension.key.iter().all(known) && dimension.label.iter().all(known), "{}", dimension.name);
        }
    }

    #[test]
    fn every_measure_has_the_fiscal_facts() {
        let package: Value = serde_json::from_slice(&describe(&[])).expect("JSON");
        let measures = package["model"]["measures"].as_object().expect("measures");
        assert!(measures.len() > 40);
        for (name, measure) in measures {
            assert_eq!(measure["currency"], "CNY", "{name}");
            assert_eq!(measure["factor"], 1, "{name}");
            assert!(measure["direction"] == "revenue" || measure["direction"] == "expenditure", "{name}");
            if let Some(parent) = measure.get("parent").and_then(Value::as_str) {
                assert!(measures.contains_key(parent), "{name}: {parent}");
            }
        }
        assert_eq!(measures["expenditure_by_function_total"]["phase"], "approved");
        assert_eq!(package["countryCode"], "CN");
    }
}
