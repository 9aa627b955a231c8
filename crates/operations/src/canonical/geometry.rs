use super::{Spelling, unless};
use crate::names::name_of;
use crate::{Extend, ExtendWith, Fit, Kernel, Operations, Position, Rotation};

pub(super) fn spell(operations: &Operations, spelling: &mut Spelling) {
    spelling.put_value("trim", operations.trim);
    if let Some(crop) = operations.crop {
        spelling.put(format_args!(
            "crop_{}_{}_{}_{}",
            crop.left, crop.top, crop.width, crop.height
        ));
    }
    match (operations.width, operations.height) {
        (Some(width), Some(height)) => spelling.put(format_args!("s_{width}x{height}")),
        (width, height) => {
            spelling.put_value("w", width);
            spelling.put_value("h", height);
        }
    }
    spelling.put_value("dpr", operations.dpr);
    spelling.put_value("fit", operations.fit.map(|fit| name_of(&Fit::NAMES, fit)));
    match operations.position {
        Some(Position::Focal { x, y }) => spelling.put(format_args!("gravity_fp_{x}_{y}")),
        position => spelling.put_value("pos", position.map(|position| name_of(&Position::NAMES, position))),
    }
    spelling.put_value("b", operations.background.map(|background| background.canonical()));
    spelling.put_value(
        "kernel",
        operations.kernel.map(|kernel| name_of(&Kernel::NAMES, kernel)),
    );
    if operations.rotate != Rotation::R0 {
        spelling.put(format_args!("rotate_{}", operations.rotate.degrees()));
    }
    spelling.put_flag("enlarge", operations.enlarge);
    spelling.put_flag("flip", operations.flip);
    spelling.put_flag("flop", operations.flop);
    spelling.put_flag("grayscale", operations.grayscale);
    if let Some(extend) = operations.extend {
        let Extend {
            top,
            right,
            bottom,
            left,
            with,
        } = extend;
        let with = unless(name_of(&ExtendWith::NAMES, with), "background");
        let borders = [top, right, bottom, left].map(|border| Some(border.to_string()));
        let [top, right, bottom, left] = borders;
        spelling.put_slots("extend", &[top, right, bottom, left, with]);
    }
}
