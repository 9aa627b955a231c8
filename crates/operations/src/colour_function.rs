//! CSS colour functions: `rgb()`, `hsl()`, `hwb()` and their `a` forms (CSS Color Module Level 4, sections 5, 7 and 8).

use crate::Colour;
use crate::number::decimal;

/// Reads `name(arguments)`, with commas throughout or with spaces and `/` before the alpha.
pub(crate) fn parse(text: &str) -> Option<Colour> {
    let (name, rest) = text.split_once('(')?;
    let [first, second, third, alpha] = components(rest.strip_suffix(')')?)?;
    let alpha = byte(alpha.map_or(Some(1.0), opacity)?);
    let [red, green, blue] = match name {
        "rgb" | "rgba" => rgb([first?, second?, third?])?,
        "hsl" | "hsla" => hsl(hue(first?)?, percentage(second?)?, percentage(third?)?),
        "hwb" => hwb(hue(first?)?, percentage(second?)?, percentage(third?)?),
        _ => return None,
    };
    Some(Colour {
        red: byte(red),
        green: byte(green),
        blue: byte(blue),
        alpha,
    })
}

/// The three components and the optional alpha.
fn components(arguments: &str) -> Option<[Option<&str>; 4]> {
    let mut parts = [None; 4];
    let mut count = 0usize;
    let mut put = |part| {
        *parts.get_mut(count)? = Some(part);
        count += 1;
        Some(())
    };
    if arguments.contains(',') {
        for part in arguments.split(',') {
            put(part.trim_matches(' '))?;
        }
        return (3..=4).contains(&count).then_some(parts);
    }
    let (colour, alpha) = match arguments.split_once('/') {
        Some((colour, alpha)) => (colour, Some(alpha.trim_matches(' '))),
        None => (arguments, None),
    };
    for part in colour.split(' ').filter(|part| !part.is_empty()) {
        put(part)?;
    }
    if count != 3 {
        return None;
    }
    parts[3] = alpha;
    Some(parts)
}

/// Three integers 0..=255, or three percentages: the two are not mixed.
fn rgb(parts: [&str; 3]) -> Option<[f64; 3]> {
    let component = if parts[0].ends_with('%') {
        percentage
    } else {
        |part: &str| decimal(part).filter(|v| *v <= 255.0).map(|v| v / 255.0)
    };
    Some([component(parts[0])?, component(parts[1])?, component(parts[2])?])
}

/// Degrees, 0..=360, with or without the unit.
fn hue(part: &str) -> Option<f64> {
    decimal(part.strip_suffix("deg").unwrap_or(part)).filter(|degrees| *degrees <= 360.0)
}

fn percentage(part: &str) -> Option<f64> {
    decimal(part.strip_suffix('%')?)
        .filter(|value| *value <= 100.0)
        .map(|value| value / 100.0)
}

fn opacity(part: &str) -> Option<f64> {
    if part.ends_with('%') {
        percentage(part)
    } else {
        decimal(part).filter(|value| *value <= 1.0)
    }
}

fn hsl(hue: f64, saturation: f64, lightness: f64) -> [f64; 3] {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset| {
        let k = (offset + hue / 30.0) % 12.0;
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

fn hwb(hue: f64, white: f64, black: f64) -> [f64; 3] {
    if white + black >= 1.0 {
        return [white / (white + black); 3];
    }
    hsl(hue, 1.0, 0.5).map(|component| component * (1.0 - white - black) + white)
}

/// 0.0..=1.0 to 0..=255, rounded.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn byte(value: f64) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}
