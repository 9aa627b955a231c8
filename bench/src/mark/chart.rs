//! How many photographs still name their client after each attack, as bars for the documents: drawn as SVG, made a PNG by sharp.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::row::{Attack, Peer};
use crate::folders;
use crate::sharp::Sharp;

const WIDTH: usize = 900;
/// Of a bar with its gap.
const LINE: usize = 17;
const TOP: usize = 62;
const LEFT: usize = 190;
/// How wide all of the photographs are.
const ALL: f64 = 420.0;
/// Where a peer's percentages stand.
const PEERS: usize = 730;

/// Draws the attacks of single clients, and what is left of the peers beside them.
///
/// # Errors
/// Where sharp does not start, or the file cannot be written.
pub fn draw(attacks: &[Attack], peers: &[Peer], png: &Path) -> Result<()> {
    let png = std::path::absolute(png)?;
    let mut sharp = Sharp::start(&folders::node())?;
    sharp
        .ask("chart", &json!({ "svg": svg(attacks, peers), "png": png }))
        .map(drop)
}

fn svg(attacks: &[Attack], peers: &[Peer]) -> String {
    let single: Vec<&Attack> = attacks.iter().filter(|attack| attack.is_single()).collect();
    let height = TOP + LINE * single.len() + 16;
    let photos = single.iter().map(|attack| attack.outcomes.len()).max().unwrap_or(0);
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' font-family='DejaVu Sans, sans-serif' \
         font-size='12'><rect width='100%' height='100%' fill='#fff'/>\
         <text x='{LEFT}' y='22' font-size='15' fill='#222'>The client is named, of {photos} photographs (one false \
         accusation in a million)</text><text x='{PEERS}' y='46' fill='#777'>best of the peers</text>"
    );
    for (place, attack) in single.iter().enumerate() {
        let y = TOP + LINE * place;
        svg += &bar(attack, y);
        let exact = peers
            .iter()
            .filter(|peer| peer.attack() == attack.name)
            .map(Peer::exact)
            .max();
        if let Some((exact, of)) = exact {
            svg += &format!("<text x='{PEERS}' y='{}' fill='#777'>{exact} of {of}</text>", y + 11);
        }
    }
    svg + "</svg>"
}

fn bar(attack: &Attack, y: usize) -> String {
    let (identified, all) = (attack.identified(), attack.outcomes.len());
    let width = ALL * identified as f64 / all.max(1) as f64;
    let fill = if identified == all { "#2b6cb0" } else { "#b0562b" };
    let (label, text, number) = (LEFT - 8, y + 11, LEFT as f64 + width + 8.0);
    format!(
        "<text x='{label}' y='{text}' text-anchor='end' fill='#222'>{}</text>\
         <rect x='{LEFT}' y='{y}' width='{width:.1}' height='13' rx='2' fill='{fill}'/>\
         <text x='{number:.1}' y='{text}' fill='#222'>{identified}</text>",
        attack.name
    )
}
