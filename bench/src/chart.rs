//! The ratios of CPU time as bars, for the README: drawn as SVG, made a PNG by sharp, which is there anyway.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::folders;
use crate::row::Row;
use crate::sharp::Sharp;

const WIDTH: f64 = 860.0;
/// Of a bar with its gap.
const LINE: f64 = 26.0;
const TOP: f64 = 56.0;
const LEFT: f64 = 240.0;
/// How wide sharp's own bar is.
const ONE: f64 = 420.0;

/// Draws the rows that compare with sharp's marked rendition.
///
/// # Errors
/// Where sharp does not start, or the file cannot be written.
pub fn draw(rows: &[Row], png: &Path) -> Result<()> {
    let png = std::path::absolute(png)?;
    let mut sharp = Sharp::start(&folders::node())?;
    sharp.ask("chart", &json!({ "svg": svg(rows), "png": png })).map(drop)
}

fn svg(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.is_alike()).collect();
    let height = TOP + LINE * rows.len() as f64 + 24.0;
    let one = LEFT + ONE;
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' font-family='DejaVu Sans, sans-serif' \
         font-size='13'><rect width='100%' height='100%' fill='#fff'/>\
         <text x='{LEFT}' y='24' font-size='15' fill='#222'>CPU time for one rendition, sharp = 1 (shorter is better)</text>\
         <text x='{one}' y='44' text-anchor='middle' fill='#777'>sharp</text>"
    );
    for (place, row) in rows.iter().enumerate() {
        svg += &bar(row, TOP + LINE * place as f64);
    }
    let bottom = height - 20.0;
    svg += &format!("<line x1='{one}' y1='50' x2='{one}' y2='{bottom}' stroke='#777' stroke-dasharray='4 3'/></svg>");
    svg
}

fn bar(row: &Row, y: f64) -> String {
    // What does not fit is cut off; its number says how long it would be.
    let width = (row.ratio_cpu * ONE).min(WIDTH - LEFT - 60.0);
    let fill = if row.ratio_cpu <= 1.0 { "#2b6cb0" } else { "#b0562b" };
    let (label, text, number) = (LEFT - 10.0, y + 15.0, LEFT + width + 8.0);
    format!(
        "<text x='{label}' y='{text}' text-anchor='end' fill='#222'>{}</text>\
         <rect x='{LEFT}' y='{y}' width='{width:.1}' height='19' rx='2' fill='{fill}'/>\
         <text x='{number:.1}' y='{text}' fill='#222'>{:.2}</text>",
        row.case, row.ratio_cpu
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_ratio_and_stays_on_the_picture() {
        let row = |case: &str, ratio_cpu| Row {
            ratio_cpu,
            ssim_ours: Some(1.0),
            ..Row::of(case.to_owned(), 1)
        };
        let svg = svg(&[row("half", 0.5), row("half/unmarked", 0.9), row("far", 9.0)]);
        assert!(svg.contains("width='210.0'") && svg.contains(">0.50<"), "{svg}");
        assert!(svg.contains("width='560.0'") && svg.contains(">9.00<"), "{svg}");
        assert!(!svg.contains("unmarked") && svg.ends_with("</svg>"), "{svg}");
    }
}
