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
    /// Of the files.
    pub ratio_bytes: f64,
    /// SSIM of the luma against the reference of each side.
    pub ssim_ours: f64,
    /// See `ssim_ours`.
    pub ssim_theirs: f64,
    /// Rounds that count.
    pub runs: usize,
    /// Our median CPU time in milliseconds; for the reader, not for comparing runs.
    pub milliseconds: f64,
    /// The ratio that we want.
    pub target: f64,
}

impl Row {
    /// As a line of `--json`.
    pub fn json(&self) -> Value {
        json!({
            "case": self.case,
            "ratio_cpu": rounded(self.ratio_cpu),
            "ratio_cycles": self.ratio_cycles.map(rounded),
            "ratio_bytes": rounded(self.ratio_bytes),
            "ssim_ours": rounded(self.ssim_ours),
            "ssim_theirs": rounded(self.ssim_theirs),
            "runs": self.runs,
        })
    }

    /// Whether both sides made the same picture, with a visible mark.
    pub fn is_alike(&self) -> bool {
        !self.case.ends_with(UNMARKED)
    }

    /// What of it is worse than we want. Of the same picture the file may be 4 % larger, and its SSIM 0.003 lower.
    pub fn misses(&self) -> Vec<&'static str> {
        let misses = [
            (self.ratio_cpu > self.target, "CPU"),
            (self.is_alike() && self.ratio_bytes > 1.04, "bytes"),
            (self.is_alike() && self.ssim_ours < self.ssim_theirs - 0.003, "SSIM"),
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

/// The rows as a person reads them.
pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<38} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>9}\n",
        "case", "CPU", "want", "cycles", "bytes", "SSIM", "theirs", "ours, ms"
    );
    for row in rows {
        let cycles = row.ratio_cycles.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let line = format!(
            "{:<38} {:>6.2} {:>6.2} {cycles:>7} {:>7.3} {:>7.4} {:>7.4} {:>9.1}  {}",
            row.case,
            row.ratio_cpu,
            row.target,
            row.ratio_bytes,
            row.ssim_ours,
            row.ssim_theirs,
            row.milliseconds,
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
            ratio_cycles: None,
            ratio_bytes: 1.01,
            ssim_ours: 0.95,
            ssim_theirs: 0.951,
            runs: 15,
            milliseconds: 30.0,
            target: 0.5,
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
            ratio_bytes: 1.05,
            ssim_ours: 0.947,
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
            lines[1].ends_with("30.0") && lines[2].ends_with("CPU, bytes, SSIM"),
            "{text}"
        );
    }
}
