//! Widths, heights and boxes: how large a picture becomes, and which part of it is used.

use operations::{Fit, Operations, Position};

use crate::turn::Rectangle;

/// The resize in the output's frame.
pub(super) struct Target {
    /// Part of the picture that is used.
    pub window: Rectangle,
    /// Size that the window is resized to.
    pub size: (u64, u64),
    /// Size of the output; larger than `size` where it is padded.
    pub canvas: (u64, u64),
    /// Whether the output is to be found in a larger `size`.
    pub search: bool,
}

/// The resize that `wanted` asks of a picture whose sides are `frame`. The result may exceed any budget.
pub(super) fn target(frame: (u64, u64), wanted: (Option<u32>, Option<u32>), operations: &Operations) -> Target {
    let everything = Rectangle {
        left: 0.0,
        top: 0.0,
        width: frame.0 as f64,
        height: frame.1 as f64,
    };
    let limit = |side: u32, own: u64| {
        if operations.enlarge {
            u64::from(side)
        } else {
            u64::from(side).min(own)
        }
    };
    let (window, size) = match wanted {
        (Some(width), Some(height)) => {
            let asked = (u64::from(width), u64::from(height));
            let area = if operations.enlarge {
                asked
            } else {
                shrunk(asked, frame)
            };
            return boxed(frame, everything, area, operations);
        }
        (Some(width), None) => by_width(frame, limit(width, frame.0)),
        (None, Some(height)) => by_height(frame, limit(height, frame.1)),
        (None, None) => (everything, frame),
    };
    Target {
        window,
        size,
        canvas: size,
        search: false,
    }
}

/// The requested box, in its own ratio, no larger than the source in either direction.
fn shrunk(mut area: (u64, u64), frame: (u64, u64)) -> (u64, u64) {
    if area.0 > frame.0 {
        area = (frame.0, scaled(area.1, frame.0, area.0));
    }
    if area.1 > frame.1 {
        area = (scaled(area.0, frame.1, area.1), frame.1);
    }
    area
}

fn boxed(frame: (u64, u64), everything: Rectangle, area: (u64, u64), operations: &Operations) -> Target {
    let (by_width, by_height) = (by_width(frame, area.0), by_height(frame, area.1));
    // Whether the picture is wider than the box, exactly: width / height > box width / box height.
    let wider = frame.0 * area.1 > area.0 * frame.1;
    let (inside, outside) = if wider {
        (by_width, by_height)
    } else {
        (by_height, by_width)
    };
    match operations.fit.unwrap_or_default() {
        Fit::Fill => Target {
            window: everything,
            size: area,
            canvas: area,
            search: false,
        },
        Fit::Inside => Target {
            window: inside.0,
            size: inside.1,
            canvas: inside.1,
            search: false,
        },
        Fit::Outside => Target {
            window: outside.0,
            size: outside.1,
            canvas: outside.1,
            search: false,
        },
        Fit::Contain => Target {
            window: inside.0,
            size: inside.1,
            canvas: area,
            search: false,
        },
        Fit::Cover => {
            let position = operations.position.unwrap_or_default();
            if matches!(position, Position::Entropy | Position::Attention) {
                return Target {
                    window: outside.0,
                    size: outside.1,
                    canvas: area,
                    search: true,
                };
            }
            let mut window = everything;
            if wider {
                window.width = everything.height * area.0 as f64 / area.1 as f64;
            } else {
                window.height = everything.width * area.1 as f64 / area.0 as f64;
            }
            let free = (everything.width - window.width, everything.height - window.height);
            (window.left, window.top) = match position {
                // A window that has the point in its middle, or as near to it as the edges allow.
                Position::Focal { x, y } => (
                    (everything.width * x.value() - window.width / 2.0).clamp(0.0, free.0.max(0.0)),
                    (everything.height * y.value() - window.height / 2.0).clamp(0.0, free.1.max(0.0)),
                ),
                _ => {
                    let (x, y) = weights(position);
                    (free.0 * x, free.1 * y)
                }
            };
            Target {
                window,
                size: area,
                canvas: area,
                search: false,
            }
        }
    }
}

/// A picture in its own ratio, so wide: the part of it that is used, and the size.
fn by_width(frame: (u64, u64), width: u64) -> (Rectangle, (u64, u64)) {
    let size = (width, scaled(frame.1, width, frame.0));
    (proportional(frame, size, frame.0 as f64 / width.max(1) as f64), size)
}

/// The same, so high.
fn by_height(frame: (u64, u64), height: u64) -> (Rectangle, (u64, u64)) {
    let size = (scaled(frame.0, height, frame.1), height);
    (proportional(frame, size, frame.1 as f64 / height.max(1) as f64), size)
}

/// What of a picture becomes a size in its own ratio, `step` pixels one. The side that was rounded has the other one's scale, too;
/// what that leaves over, or lacks, is shared between its ends, as libvips does.
fn proportional(frame: (u64, u64), size: (u64, u64), step: f64) -> Rectangle {
    let part = |side: u64, size: u64| {
        let (side, length) = (side as f64, size as f64 * step);
        // What would be less than half a pixel has become one.
        let length = if (side - length).abs() <= 0.501 * step {
            length
        } else {
            side
        };
        ((side - length) / 2.0, length)
    };
    let ((left, width), (top, height)) = (part(frame.0, size.0), part(frame.1, size.1));
    Rectangle {
        left,
        top,
        width,
        height,
    }
}

/// `side * to / from`, rounded, at least 1.
fn scaled(side: u64, to: u64, from: u64) -> u64 {
    ((side * to + from / 2) / from.max(1)).max(1)
}

/// How much of the free space lies left of and above the picture; half of it where that is for the pixels to say.
pub(super) fn weights(position: Position) -> (f64, f64) {
    match position {
        Position::NorthWest => (0.0, 0.0),
        Position::North => (0.5, 0.0),
        Position::NorthEast => (1.0, 0.0),
        Position::West => (0.0, 0.5),
        Position::Centre | Position::Entropy | Position::Attention | Position::Focal { .. } => (0.5, 0.5),
        Position::East => (1.0, 0.5),
        Position::SouthWest => (0.0, 1.0),
        Position::South => (0.5, 1.0),
        Position::SouthEast => (1.0, 1.0),
    }
}
