//! The tables as Parquet, one file a table: amounts are `DECIMAL(28,6)`, texts are UTF-8 with a
//! dictionary, pages are compressed with Snappy.
//!
//! Every table has `fiscal_year` and `department_code`, by which an analyst partitions.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, DecimalType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type as Node;
use rust_decimal::Decimal;

use super::extract::{Datum, Row};
use super::schema::{Column, PRECISION, SCALE, Table, Type, schema};
use crate::error::{Error, Result};

/// Rows of one row group.
const GROUP_ROWS: usize = 65_536;
/// Text held back for one row group, each counted once.
const GROUP_BYTES: usize = 16 << 20;

/// Bytes of a decimal with [`PRECISION`] digits: 2⁹⁵ > 10²⁸.
const DECIMAL_BYTES: usize = 12;

/// Writes a folder of Parquet files.
#[derive(Debug)]
pub struct ParquetFolder {
    files: Vec<ParquetFile>,
}

struct ParquetFile {
    writer: SerializedFileWriter<File>,
    /// Rows held back for the next row group.
    rows: usize,
    columns: Vec<Held>,
}

/// A column held back. Texts repeat (units, years, level names): each is kept once.
enum Held {
    Text { ids: Vec<u32>, texts: Vec<ByteArray>, known: HashMap<String, u32>, bytes: usize },
    Integer(Vec<Option<i64>>),
    Decimal(Vec<Option<Decimal>>),
    Flag(Vec<Option<bool>>),
}

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows held back", self.rows)
    }
}

impl ParquetFolder {
    /// Opens the files of all tables.
    pub fn create(folder: &Path) -> Result<ParquetFolder> {
        let mut files = Vec::new();
        for table in &schema().tables {
            let file = File::create(folder.join(file_name(table)))?;
            let note = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_statistics_enabled(EnabledStatistics::Chunk)
                .set_created_by(concat!("yusuan ", env!("CARGO_PKG_VERSION")).to_owned())
                .set_key_value_metadata(Some(vec![note("title", &table.title), note("description", &table.about)]))
                .build();
            let writer =
                SerializedFileWriter::new(file, Arc::new(node(table)?), Arc::new(properties)).map_err(failed)?;
            let columns = table.columns.iter().map(|column| Held::new(column.kind)).collect();
            files.push(ParquetFile { writer, rows: 0, columns });
        }
        Ok(ParquetFolder { files })
    }

    /// Adds the rows of a filing.
    pub fn add(&mut self, rows: Vec<Vec<Row>>) -> Result<()> {
        for ((table, file), rows) in schema().tables.iter().zip(&mut self.files).zip(rows) {
            for row in rows {
                for (column, datum) in file.columns.iter_mut().zip(row.data) {
                    column.push(datum);
                }
                file.rows += 1;
                if file.rows >= GROUP_ROWS || file.columns.iter().map(Held::bytes).sum::<usize>() >= GROUP_BYTES {
                    file.flush(table)?;
                }
            }
        }
        Ok(())
    }

    /// Ends the files.
    pub fn finish(self) -> Result<()> {
        for (table, mut file) in schema().tables.iter().zip(self.files) {
            file.flush(table)?;
            file.writer.close().map_err(failed)?;
        }
        Ok(())
    }
}

impl ParquetFile {
    fn flush(&mut self, table: &Table) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for (column, spec) in self.columns.iter_mut().zip(&table.columns) {
            let Some(mut writer) = group.next_column().map_err(failed)? else { break };
            let levels = column.levels();
            // A required column has no levels.
            let levels = (!is_required(spec)).then_some(levels.as_slice());
            match std::mem::replace(column, Held::new(spec.kind)) {
                Held::Text { ids, texts, .. } => {
                    let values: Vec<ByteArray> =
                        ids.iter().filter(|id| **id > 0).map(|id| texts[*id as usize - 1].clone()).collect();
                    writer.typed::<ByteArrayType>().write_batch(&values, levels, None)
                }
                Held::Integer(numbers) => {
                    let values: Vec<i64> = numbers.into_iter().flatten().collect();
                    writer.typed::<Int64Type>().write_batch(&values, levels, None)
                }
                Held::Decimal(numbers) => {
                    let values: Vec<FixedLenByteArray> = numbers.into_iter().flatten().map(bytes_of).collect();
                    writer.typed::<FixedLenByteArrayType>().write_batch(&values, levels, None)
                }
                Held::Flag(flags) => {
                    let values: Vec<bool> = flags.into_iter().flatten().collect();
                    writer.typed::<BoolType>().write_batch(&values, levels, None)
                }
            }
            .map_err(failed)?;
            writer.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        Ok(())
    }
}

impl Held {
    fn new(kind: Type) -> Held {
        match kind {
            Type::Text => Held::Text { ids: Vec::new(), texts: Vec::new(), known: HashMap::new(), bytes: 0 },
            Type::Integer => Held::Integer(Vec::new()),
            Type::Decimal => Held::Decimal(Vec::new()),
            Type::Flag => Held::Flag(Vec::new()),
        }
    }

    fn push(&mut self, datum: Datum) {
        match (self, datum) {
            (Held::Text { ids, texts, known, bytes }, Datum::Text(text)) => {
                let id = known.get(&text).copied().unwrap_or_else(|| {
                    texts.push(ByteArray::from(text.as_str()));
                    *bytes += text.len();
                    let id = u32::try_from(texts.len()).expect("a row group has fewer rows");
                    known.insert(text, id);
                    id
                });
                ids.push(id);
            }
            (Held::Text { ids, .. }, _) => ids.push(0),
            (Held::Integer(numbers), Datum::Integer(number)) => numbers.push(Some(number)),
            (Held::Integer(numbers), _) => numbers.push(None),
            (Held::Decimal(numbers), Datum::Decimal(number)) => numbers.push(Some(number)),
            (Held::Decimal(numbers), _) => numbers.push(None),
            (Held::Flag(flags), Datum::Flag(flag)) => flags.push(Some(flag)),
            (Held::Flag(flags), _) => flags.push(None),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Held::Text { bytes, .. } => *bytes,
            _ => 0,
        }
    }

    /// 1 where the column has a value.
    fn levels(&self) -> Vec<i16> {
        match self {
            Held::Text { ids, .. } => ids.iter().map(|id| i16::from(*id > 0)).collect(),
            Held::Integer(numbers) => numbers.iter().map(|number| i16::from(number.is_some())).collect(),
            Held::Decimal(numbers) => numbers.iter().map(|number| i16::from(number.is_some())).collect(),
            Held::Flag(flags) => flags.iter().map(|flag| i16::from(flag.is_some())).collect(),
        }
    }
}

/// Whether a file name is one that this writes.
pub fn is_ours(name: &str) -> bool {
    schema().tables.iter().any(|table| file_name(table) == name)
}

fn file_name(table: &Table) -> String {
    format!("{}.parquet", table.name)
}

fn is_required(column: &Column) -> bool {
    matches!(column.name.as_str(), "id" | "filing_id")
}

fn node(table: &Table) -> Result<Node> {
    let fields = table
        .columns
        .iter()
        .map(|column| {
            let (physical, logical) = match column.kind {
                Type::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
                Type::Integer => (Physical::INT64, None),
                Type::Decimal => (
                    Physical::FIXED_LEN_BYTE_ARRAY,
                    Some(LogicalType::Decimal(DecimalType { scale: SCALE as i32, precision: PRECISION as i32 })),
                ),
                Type::Flag => (Physical::BOOLEAN, None),
            };
            let mut builder = Node::primitive_type_builder(&column.name, physical)
                .with_repetition(if is_required(column) { Repetition::REQUIRED } else { Repetition::OPTIONAL })
                .with_logical_type(logical);
            if column.kind == Type::Decimal {
                builder =
                    builder.with_length(DECIMAL_BYTES as i32).with_precision(PRECISION as i32).with_scale(SCALE as i32);
            }
            Ok(Arc::new(builder.build().map_err(failed)?))
        })
        .collect::<Result<Vec<_>>>()?;
    Node::group_type_builder(&table.name).with_fields(fields).build().map_err(failed)
}

/// The unscaled number, big-endian two's complement.
fn bytes_of(number: Decimal) -> FixedLenByteArray {
    let bytes = unscaled(number).to_be_bytes();
    FixedLenByteArray::from(bytes[bytes.len() - DECIMAL_BYTES..].to_vec())
}

fn unscaled(number: Decimal) -> i128 {
    number.mantissa() * 10_i128.pow(SCALE.saturating_sub(number.scale()))
}

fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => Error::from(*error),
            Err(error) => unwritten(error.as_ref()),
        },
        error => unwritten(&error),
    }
}

fn unwritten(error: &dyn std::error::Error) -> Error {
    Error::new(
        format!("数据表写不成；请确认磁盘有空间，再试一次，或改用 --to tables（Parquet：{error}）"),
        format!(
            "the tables could not be written; see that the disk has room and try again, or use --to tables (Parquet: {error})"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_scaled_to_six_places() {
        let unscaled_of = |text: &str| unscaled(text.parse().expect("a number"));
        assert_eq!(unscaled_of("1.5"), 1_500_000);
        assert_eq!(unscaled_of("-0.000001"), -1);
        let most = format!("{}.999999", "9".repeat(22));
        let bytes = bytes_of(most.parse().expect("a number"));
        assert_eq!(bytes.data().len(), DECIMAL_BYTES);
        assert!(bytes.data()[0] < 0x80, "the sign bit is free");
    }
}
