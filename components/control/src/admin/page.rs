use crate::refusal::Refusal;
use problem::Code;
use serde::{Deserialize, Deserializer};

/// Entries of a page, unless the request says otherwise, and most of them.
const USUAL: usize = 50;
const MOST: usize = 200;

/// Which part of a list is asked for, and by what it is filtered.
pub struct Page {
    /// The `next` of the page before; empty for the first.
    pub after: String,
    /// Entries wanted.
    pub limit: usize,
    filters: Vec<(String, String)>,
}

impl Page {
    /// Reads a query: `after`, `limit` and these filters, each at most once, of plain characters. Anything else is refused.
    pub fn read(query: &str, filters: &[&str]) -> Result<Self, Refusal> {
        let mut page = Self {
            after: String::new(),
            limit: USUAL,
            filters: Vec::new(),
        };
        let mut seen: Vec<&str> = Vec::new();
        for parameter in query.split('&').filter(|_| !query.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or(Code::BadRequest)?;
            let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            if seen.contains(&name) || value.is_empty() || value.len() > 200 || !plain {
                return Err(Code::BadRequest.into());
            }
            seen.push(name);
            match name {
                "after" => value.clone_into(&mut page.after),
                "limit" => {
                    page.limit = value
                        .parse()
                        .ok()
                        .filter(|limit| (1..=MOST).contains(limit))
                        .ok_or(Code::BadRequest)?;
                }
                name if filters.contains(&name) => page.filters.push((name.to_owned(), value.to_owned())),
                _ => return Err(Code::BadRequest.into()),
            }
        }
        Ok(page)
    }

    /// The value of a filter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.filters.iter().find(|(filter, _)| filter == name);
        found.map(|(_, value)| value.as_str())
    }

    /// One more than is wanted, to see whether there is more.
    pub fn more(&self) -> i64 {
        i64::try_from(self.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
    }

    /// `after` as a number, for lists that go down.
    pub fn before(&self) -> Result<Option<i64>, Refusal> {
        match self.after.as_str() {
            "" => Ok(None),
            after => Ok(Some(after.parse().map_err(|_| Code::BadRequest)?)),
        }
    }
}

/// Tells `null`, which takes something away, from an absent member, which leaves it as it is.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_strictly() {
        let page = Page::read("limit=7&client_id=client_one&after=9", &["client_id"])
            .ok()
            .unwrap();
        assert_eq!(
            (page.limit, page.get("client_id"), page.before().ok()),
            (7, Some("client_one"), Some(Some(9)))
        );
        assert_eq!(Page::read("", &[]).ok().unwrap().limit, USUAL);
        for query in [
            "limit=0",
            "limit=201",
            "limit=1&limit=2",
            "other=1",
            "after=",
            "after=%41",
            "after",
            "client_id=a'b",
            "&",
        ] {
            assert!(Page::read(query, &["client_id"]).is_err(), "{query}");
        }
    }
}
