//! `GET /api/v1/usage`: what a client's requests came to, from the audit log, newest first. It costs nothing.

use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::sql::{Database, Row, SqlError, Value};
use answer::Answer;
use audit::Class;
use catalogue::{Barcode, Parameters};
use problem::Code;
use serde::Serialize;

/// Requests on a page, unless the caller says otherwise, and most of them.
const LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 1000;
/// The last second that is asked about: as milliseconds it fits a database's number.
const MAX_TIME: u64 = 9_000_000_000_000;

const COLUMNS: [&str; 10] = [
    "answered_at",
    "kind",
    "request_id",
    "endpoint",
    "method",
    "barcode",
    "ip",
    "status",
    "error",
    "credits",
];

#[derive(Serialize)]
struct Body {
    usage: Vec<Used>,
    /// `cursor` of the next page, or null.
    next_cursor: Option<String>,
}

/// One request.
#[derive(Serialize)]
struct Used {
    /// When it was answered, in Unix milliseconds.
    at: u64,
    /// `image` for a picture, `request` for anything else.
    kind: String,
    request_id: String,
    endpoint: String,
    method: String,
    barcode: Option<String>,
    ip: Option<String>,
    status: u64,
    error: Option<String>,
    /// Credits debited.
    credits: i64,
}

/// The endpoint, for the client that asks: nobody reads of another. `from` and `to` (Unix seconds, the first included, the last not), `endpoint`, `status` and `barcode` narrow it;
/// `format=csv` makes it a table, whose next page `X-Next-Cursor` names.
pub async fn read<H: Host>(context: &Context<'_, H>, client_id: &str, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query).map_err(|_| Code::BadRequest)?;
    let mut rows = query.run(context.host, client_id).await?;
    let page = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    let last = rows.last().filter(|_| more).map(|row| row.get::<i64>(0)).transpose()?;
    let next_cursor = last.map(|seq| seq.to_string());
    let usage: Vec<Used> = rows.iter().map(used).collect::<Result<_, _>>()?;
    if !query.csv {
        return context.json(200, &Body { usage, next_cursor });
    }
    let mut answer = Answer::new(
        200,
        context.request_id,
        "text/csv; charset=utf-8",
        table(&usage).into_bytes(),
    );
    answer.header("cache-control", "no-store".to_owned());
    answer.header("content-disposition", "attachment; filename=\"usage.csv\"".to_owned());
    if let Some(cursor) = next_cursor {
        answer.header("x-next-cursor", cursor);
    }
    Ok(answer)
}

/// What is asked for.
struct Query {
    conditions: Vec<(&'static str, Value)>,
    limit: u64,
    csv: bool,
}

impl Query {
    fn parse(query: &str) -> Result<Self, catalogue::Error> {
        let known = [
            "from", "to", "endpoint", "status", "barcode", "cursor", "limit", "format",
        ];
        let parameters = Parameters::parse(query, &known)?;
        let milliseconds = |seconds: u64| seconds.saturating_mul(1000).into();
        let name = |text: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b"/_.-".contains(&b));
            (plain && (1..=60).contains(&text.len())).then(|| text.into())
        };
        let barcode = |text: &str| Some(Barcode::parse(text).ok()?.as_str().into());
        let conditions = [
            (
                "answered_at >= ",
                parameters.number("from", 0..=MAX_TIME)?.map(milliseconds),
            ),
            (
                "answered_at < ",
                parameters.number("to", 0..=MAX_TIME)?.map(milliseconds),
            ),
            ("endpoint = ", parameters.read("endpoint", name)?),
            ("status = ", parameters.number("status", 100..=599)?.map(Value::from)),
            ("barcode = ", parameters.read("barcode", barcode)?),
            (
                "seq < ",
                parameters
                    .number("cursor", 1..=i64::MAX.unsigned_abs())?
                    .map(Value::from),
            ),
        ];
        Ok(Self {
            conditions: conditions
                .into_iter()
                .filter_map(|(text, value)| Some((text, value?)))
                .collect(),
            limit: parameters.number("limit", 1..=MAX_LIMIT)?.unwrap_or(LIMIT),
            csv: parameters.read("format", |format| match format {
                "json" => Some(false),
                "csv" => Some(true),
                _ => None,
            })? == Some(true),
        })
    }

    /// The page, and one row more if there is another page. That the client is its own is part of the question.
    async fn run(&self, database: &impl Database, client_id: &str) -> Result<Vec<Row>, SqlError> {
        let mut values: Vec<Value> = vec![client_id.into(), Class::Requests.as_str().into()];
        let mut text = format!(
            "SELECT seq, {} FROM audit WHERE client_id = $1 AND chain = $2",
            COLUMNS.join(", ")
        );
        for (condition, value) in &self.conditions {
            values.push(value.clone());
            text.push_str(&format!(" AND {condition}${}", values.len()));
        }
        text.push_str(&format!(" ORDER BY seq DESC LIMIT {}", self.limit.saturating_add(1)));
        database.query(&text, &values).await
    }
}

fn used(row: &Row) -> Result<Used, SqlError> {
    Ok(Used {
        at: row.get(1)?,
        kind: row.get(2)?,
        request_id: row.get(3)?,
        endpoint: row.get(4)?,
        method: row.get(5)?,
        barcode: row.get(6)?,
        ip: row.get(7)?,
        status: row.get(8)?,
        error: row.get(9)?,
        credits: row.get(10)?,
    })
}

/// RFC 4180. Nothing that the audit keeps has a comma, a quote, a line's end, or the start of a spreadsheet's formula.
fn table(usage: &[Used]) -> String {
    let mut table = "at,kind,request_id,endpoint,method,barcode,ip,status,error,credits\r\n".to_owned();
    for used in usage {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let fields = [
            used.at.to_string(),
            used.kind.clone(),
            used.request_id.clone(),
            used.endpoint.clone(),
            used.method.clone(),
            text(&used.barcode),
            text(&used.ip),
            used.status.to_string(),
            text(&used.error),
            used.credits.to_string(),
        ];
        table.push_str(&fields.join(","));
        table.push_str("\r\n");
    }
    table
}

#[cfg(test)]
mod tests;
