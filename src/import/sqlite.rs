//! The tables as one SQLite file.
//!
//! Amounts have the declared type `DECIMAL(28,6)`, and are stored without loss: whole numbers as
//! integers, others with up to 15 digits as the double that prints the same, longer ones (a million
//! billion 元 and some 分) as a blob of their digits. The `_filed` columns hold what was printed.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, ToSql};
use rust_decimal::Decimal;

use super::extract::{Datum, Row};
use super::schema::{PRECISION, SCALE, Table, Type, schema};
use crate::error::{Error, Result};
use crate::filing::amount;

/// `PRAGMA user_version`: grows when tables or columns change.
pub const USER_VERSION: i32 = 1;

/// `PRAGMA application_id`: "ysbg".
pub const APPLICATION_ID: i32 = 0x7973_6267;

/// Rows of one transaction.
const BATCH: usize = 20_000;

/// Writes one SQLite file.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    /// Rows since the transaction began.
    pending: usize,
}

impl Database {
    /// Creates the file with its tables.
    pub fn create(path: &Path) -> Result<Database> {
        let connection = Connection::open(path).map_err(failed)?;
        // The file is temporary until it is whole: a journal would protect nothing.
        let mut setup = String::from(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384;",
        );
        let _ = write!(setup, "PRAGMA user_version = {USER_VERSION}; PRAGMA application_id = {APPLICATION_ID};");
        for table in &schema().tables {
            setup.push_str(&create_table(table));
        }
        setup.push_str("BEGIN;");
        connection.execute_batch(&setup).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(schema().tables.len());
        Ok(Database { connection, pending: 0 })
    }

    /// Adds the rows of a filing.
    pub fn add(&mut self, rows: &[Vec<Row>]) -> Result<()> {
        for (table, rows) in schema().tables.iter().zip(rows) {
            if rows.is_empty() {
                continue;
            }
            let marks = vec!["?"; table.columns.len()].join(",");
            let mut insert = self
                .connection
                .prepare_cached(&format!("INSERT INTO {} VALUES ({marks})", table.name))
                .map_err(failed)?;
            for row in rows {
                insert.execute(rusqlite::params_from_iter(&row.data)).map_err(failed)?;
            }
            self.pending += rows.len();
        }
        if self.pending >= BATCH {
            self.connection.execute_batch("COMMIT; BEGIN;").map_err(failed)?;
            self.pending = 0;
        }
        Ok(())
    }

    /// Makes the indexes and closes the file.
    pub fn finish(self) -> Result<()> {
        let mut end = String::from("COMMIT;");
        for table in &schema().tables {
            for column in table.columns.iter().filter(|column| is_looked_up(table, &column.name)) {
                let (table, column) = (&table.name, &column.name);
                let _ = write!(end, "CREATE INDEX {table}_{column} ON {table} ({column});");
            }
        }
        end.push_str("ANALYZE;");
        self.connection.execute_batch(&end).map_err(failed)?;
        self.connection.close().map_err(|(_, error)| failed(error))
    }
}

/// Joins, and the codes people ask for.
fn is_looked_up(table: &Table, column: &str) -> bool {
    let refers = table.columns.iter().any(|one| one.name == column && one.refers.is_some());
    refers
        || matches!(
            column,
            "function_code"
                | "economic_code"
                | "project_code"
                | "unit_code"
                | "level2_code"
                | "catalogue_code"
                | "rule"
        )
        || (table.name == "filings" && matches!(column, "department_code" | "fiscal_year"))
}

fn create_table(table: &Table) -> String {
    let mut sql = format!("CREATE TABLE {} (\n", table.name);
    for column in &table.columns {
        let kind = match column.kind {
            Type::Text => "TEXT".to_owned(),
            Type::Integer => "INTEGER".to_owned(),
            Type::Decimal => format!("DECIMAL({PRECISION},{SCALE})"),
            Type::Flag => "BOOLEAN".to_owned(),
        };
        let _ = write!(sql, "  {} {kind}", column.name);
        if column.name == "id" {
            sql.push_str(" PRIMARY KEY NOT NULL");
        } else if column.name == "filing_id" {
            sql.push_str(" NOT NULL");
        }
        if let Some(other) = &column.refers {
            let _ = write!(sql, " REFERENCES {other} (id)");
        }
        // The titles stand in the statement, where a browser of the file shows them.
        let _ = writeln!(sql, ",  -- {}", column.title);
    }
    let last = sql.rfind(',').unwrap_or(sql.len());
    sql.remove(last);
    let _ = writeln!(sql, ");");
    sql
}

impl ToSql for Datum {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Datum::Null => ToSqlOutput::Owned(Value::Null),
            Datum::Text(text) => ToSqlOutput::from(text.as_str()),
            Datum::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Datum::Decimal(number) => ToSqlOutput::Owned(decimal(*number)),
            Datum::Flag(flag) => ToSqlOutput::Owned(Value::Integer(i64::from(*flag))),
        })
    }
}

/// A number as SQLite holds it without loss (<https://sqlite.org/datatype3.html#type_affinity>: a
/// text in a numeric column becomes a double even where more than 15 digits are lost).
fn decimal(number: Decimal) -> Value {
    if let (0, Ok(whole)) = (number.scale(), i64::try_from(number.mantissa())) {
        return Value::Integer(whole);
    }
    let digits = number.to_string();
    match amount::digits(number) <= amount::KEPT_DIGITS {
        true => Value::Text(digits),
        false => Value::Blob(digits.into_bytes()),
    }
}

fn failed(error: rusqlite::Error) -> Error {
    let full = matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
    if full {
        return Error::new("磁盘已满", "the disk is full");
    }
    Error::new(
        format!("数据库写不成；请确认输出文件没有被别的程序打开、磁盘有空间，再试一次（SQLite：{error}）"),
        format!(
            "the database could not be written; see that no other program has it open and the disk has room, then try again (SQLite: {error})"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_stored_without_loss() {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch("CREATE TABLE t (a DECIMAL(28,6));").expect("a table");
        for (printed, kind) in [
            ("168390900", "integer"),
            ("0.1", "real"),
            ("123456789.123456", "real"),
            ("-9000000000000000.5", "blob"),
            ("1234567890123456.123456", "blob"),
        ] {
            connection.execute("DELETE FROM t", []).expect("empty");
            let datum = Datum::Decimal(printed.parse().expect("a number"));
            connection.execute("INSERT INTO t VALUES (?)", [&datum]).expect("a row");
            let read: (String, String) = connection
                .query_row("SELECT CAST(a AS TEXT), typeof(a) FROM t", [], |row| Ok((row.get(0)?, row.get(1)?)))
                .expect("a row");
            assert_eq!(read, (printed.to_owned(), kind.to_owned()));
        }
    }
}
