//! What a run comes to: a row a case.

use serde_json::{Value, json};

/// How the rows end that compare our marked rendition with theirs without a mark.
pub const UNMARKED: &str = "/unmarked";

/// Ratios are ours to theirs, the median over the rounds; below 1 we need less.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The case, and [`UNMARKED`] where it is.
    pub case: String,
    /// User and kernel time.
    pub ratio_cpu: f64,
    /// Cycles in user mode, where they can be counted.
    pub ratio_cycles: Option<f64>,
    /// Of the files, where there are any.
    pub ratio_bytes: Option<f64>,
    /// SSIM of the luma against the reference of each side, where it was looked at.
    pub ssim_ours: Option<f64>,
    /// See `ssim_ours`.
    pub ssim_theirs: Option<f64>,
    /// Rounds that count.
    pub runs: usize,
    /// Our median CPU time in milliseconds; for the reader, not for comparing runs.
    pub milliseconds: f64,
    /// Our median of answers a second, from all connections together, where there are many; for the reader, too.
    pub per_second: Option<f64>,
    /// The most of `ratio_cpu` that we want, where we want anything.
    pub target: Option<f64>,
}

impl Row {
    /// A row with nothing in it yet.
    pub fn of(case: String, runs: usize) -> Self {
        Self {
            case,
            ratio_cpu: f64::NAN,
            ratio_cycles: None,
            ratio_bytes: None,
            ssim_ours: None,
            ssim_theirs: None,
            runs,
            milliseconds: f64::NAN,
            per_second: None,
            target: None,
        }
    }

    /// As a line of `--json`.
    pub fn json(&self) -> Value {
        json!({
            "case": self.case,
            "ratio_cpu": rounded(self.ratio_cpu),
            "ratio_cycles": self.ratio_cycles.map(rounded),
            "ratio_bytes": self.ratio_bytes.map(rounded),
            "ssim_ours": self.ssim_ours.map(rounded),
            "ssim_theirs": self.ssim_theirs.map(rounded),
            "runs": self.runs,
        })
    }

    /// Whether both sides made the same picture, with a visible mark.
    pub fn is_alike(&self) -> bool {
        self.ssim_ours.is_some() && !self.case.ends_with(UNMARKED)
    }

    /// What of it is worse than we want. Of the same picture the file may be 4 % larger, and its SSIM 0.003 lower.
    pub fn misses(&self) -> Vec<&'static str> {
        let lower = self
            .ssim_ours
            .zip(self.ssim_theirs)
            .is_some_and(|(ours, theirs)| ours < theirs - 0.003);
        let misses = [
            (self.target.is_some_and(|target| self.ratio_cpu > target), "CPU"),
            (
                self.is_alike() && self.ratio_bytes.is_some_and(|ratio| ratio > 1.04),
                "bytes",
            ),
            (self.is_alike() && lower, "SSIM"),
        ];
        misses
            .into_iter()
            .filter_map(|(missed, what)| missed.then_some(what))
            .collect()
    }
}

/// The middle value, the mean of the two middle ones of an even number. `None` of none.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    match values.len() % 2 {
        0 => Some((values.get(values.len() / 2 - 1)? + upper) / 2.0),
        _ => Some(upper),
    }
}

/// The median of what each round's own ratio is, so that what disturbs a whole round cancels out.
pub fn median_ratio(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    median(pairs.into_iter().map(|(ours, theirs)| ours / theirs).collect())
}

fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}

/// The rows as a person reads them.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<38} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>9} {:>8}\n",
        "case", "CPU", "want", "cycles", "bytes", "SSIM", "theirs", "ours, ms", "ours/s"
    );
    for row in rows {
        let line = format!(
            "{:<38} {:>6.2} {:>6} {:>7} {:>7} {:>7} {:>7} {:>9.2} {:>8}  {}",
            row.case,
            row.ratio_cpu,
            shown(row.target, 2),
            shown(row.ratio_cycles, 2),
            shown(row.ratio_bytes, 3),
            shown(row.ssim_ours, 4),
            shown(row.ssim_theirs, 4),
            row.milliseconds,
            shown(row.per_second, 1),
            row.misses().join(", ")
        );
        text += line.trim_end();
        text += "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            case: "jpeg/tea-10mp".to_owned(),
            ratio_cpu: 0.512_345,
            ratio_bytes: Some(1.01),
            ssim_ours: Some(0.95),
            ssim_theirs: Some(0.951),
            milliseconds: 30.0,
            target: Some(0.5),
            ..Row::of(String::new(), 15)
        }
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), Some(3.0));
        assert_eq!(median_ratio([(1.0, 2.0), (30.0, 10.0), (4.0, 4.0)]), Some(1.0));
    }

    #[test]
    fn json_has_the_members_that_others_read_and_no_more() {
        let json = row().json();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        let mut expected = [
            "case",
            "ratio_cpu",
            "ratio_cycles",
            "ratio_bytes",
            "ssim_ours",
            "ssim_theirs",
            "runs",
        ];
        expected.sort_unstable();
        let mut names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(json["ratio_cpu"], 0.5123);
        assert!(json["ratio_cycles"].is_null());
    }

    #[test]
    fn the_table_names_what_is_missed() {
        assert_eq!(row().misses(), ["CPU"]);
        let worse = Row {
            ratio_bytes: Some(1.05),
            ssim_ours: Some(0.947),
            ..row()
        };
        assert_eq!(worse.misses(), ["CPU", "bytes", "SSIM"]);
        let unmarked = Row {
            case: format!("jpeg/tea-10mp{UNMARKED}"),
            ..worse
        };
        assert_eq!(unmarked.misses(), ["CPU"]);
        let text = table(&[
            Row {
                ratio_cpu: 0.5,
                ..row()
            },
            worse,
        ]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].contains(" 30.00 ") && lines[2].ends_with("CPU, bytes, SSIM"),
            "{text}"
        );
    }
}
