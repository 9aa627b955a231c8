use operations::parse;

use super::*;
use crate::{Excess, SourceFormat};

fn plan_of(width: u32, height: u32, orientation: u8, segment: &str) -> Result<Plan, Error> {
    let probe = Probe {
        format: SourceFormat::Jpeg,
        width,
        height,
        alpha: false,
        orientation,
        frames: 1,
    };
    Plan::new(&probe, &parse(segment).unwrap(), &Budget::default())
}

fn output(width: u32, height: u32, segment: &str) -> (u32, u32) {
    plan_of(width, height, 1, segment).unwrap().output
}

#[test]
fn one_side() {
    assert_eq!(output(4000, 3000, "_"), (4000, 3000));
    assert_eq!(output(4000, 3000, "w_800"), (800, 600));
    assert_eq!(output(4000, 3000, "h_300"), (400, 300));
    assert_eq!(output(400, 300, "w_800"), (400, 300));
    assert_eq!(output(400, 300, "w_800,enlarge"), (800, 600));
    assert_eq!(output(1000, 1, "w_10"), (10, 1));
    assert_eq!(output(3, 2, "w_2"), (2, 1));
    assert_eq!(output(30, 20, "w_10"), (10, 7));
}

#[test]
fn boxes() {
    assert_eq!(output(4000, 3000, "s_400x400"), (400, 400));
    assert_eq!(output(4000, 3000, "s_400x400,fit_contain"), (400, 400));
    assert_eq!(output(4000, 3000, "s_400x400,fit_fill"), (400, 400));
    assert_eq!(output(4000, 3000, "s_400x400,fit_inside"), (400, 300));
    assert_eq!(output(4000, 3000, "s_400x400,fit_outside"), (533, 400));
    // The box shrinks in its own ratio before the fit is applied.
    assert_eq!(output(30, 600, "s_200x200,fit_inside"), (2, 30));
    assert_eq!(output(300, 200, "s_600x300"), (300, 150));
    assert_eq!(output(300, 200, "s_600x300,enlarge"), (600, 300));
    assert_eq!(output(300, 200, "s_100x900,fit_fill"), (22, 200));
}

#[test]
fn cover_takes_a_window() {
    let window = |segment| plan_of(400, 200, 1, segment).unwrap().window;
    let at = |left, top, width, height| Rectangle {
        left,
        top,
        width,
        height,
    };
    assert_eq!(window("s_100x100"), at(100.0, 0.0, 200.0, 200.0));
    assert_eq!(window("s_100x100,pos_west"), at(0.0, 0.0, 200.0, 200.0));
    assert_eq!(window("s_100x100,pos_southeast"), at(200.0, 0.0, 200.0, 200.0));
    assert_eq!(window("s_100x25,pos_top"), at(0.0, 0.0, 400.0, 100.0));
    assert_eq!(window("s_100x25,pos_bottom"), at(0.0, 100.0, 400.0, 100.0));
}

#[test]
fn a_rounded_side_has_the_other_s_scale() {
    let rows = |width, height, segment| {
        let window = plan_of(width, height, 1, segment).unwrap().window;
        assert_eq!((window.left, window.width), (0.0, f64::from(width)));
        (window.top, window.height)
    };
    // 816 rows are 533.3 of 1.53; sharp's 533 lie in their middle.
    let (top, height) = rows(1224, 816, "w_800");
    assert!((top - 0.255).abs() < 1e-9 && (height - 815.49).abs() < 1e-9);
    assert_eq!(rows(30, 20, "w_10"), (-0.5, 21.0));
    assert_eq!(rows(30, 20, "s_10x10,fit_inside"), (-0.5, 21.0));
    assert_eq!(rows(30, 20, "s_10x7,fit_fill"), (0.0, 20.0));
    // Less than half a row.
    assert_eq!(rows(1000, 1, "w_10"), (0.0, 1.0));
}

#[test]
fn contain_pads() {
    let padding = |segment| plan_of(400, 200, 1, segment).unwrap().padding;
    assert_eq!(padding("s_100x100,fit_contain"), Some(Padding { left: 0, top: 25 }));
    assert_eq!(
        padding("s_100x100,fit_contain,pos_bottom"),
        Some(Padding { left: 0, top: 50 })
    );
    assert_eq!(padding("s_100x51,fit_contain"), Some(Padding { left: 0, top: 0 }));
    assert_eq!(padding("s_100x50,fit_contain"), None);
}

#[test]
fn turns_move_sizes_and_windows_to_the_stored_frame() {
    // A phone's portrait: stored lying, turned clockwise.
    let plan = plan_of(4000, 3000, 6, "w_300").unwrap();
    assert_eq!((plan.output, plan.scaled), ((300, 400), (400, 300)));
    // Upright it is 3000 wide and 4000 high; its top left corner is stored bottom left.
    let plan = plan_of(4000, 3000, 6, "crop_0_0_100_50").unwrap();
    assert_eq!((plan.crop, plan.output), ([0, 2900, 50, 100], (100, 50)));
    assert!(plan.keeps_pixels());
    // With a width the rotation comes first, and the width is the output's; with a height alone it comes after.
    assert_eq!(output(400, 200, "rotate_90,w_100"), (100, 200));
    assert_eq!(output(400, 200, "rotate_90,h_100"), (100, 200));
    assert_eq!(output(400, 200, "rotate_90,s_100x100,fit_inside"), (50, 100));
    assert_eq!(output(400, 200, "rotate_90"), (200, 400));
    // Mirrors come before the window.
    assert_eq!(
        plan_of(400, 200, 1, "flop,s_100x100,pos_left").unwrap().window.left,
        200.0
    );
}

#[test]
fn crops_lie_inside() {
    assert_eq!(plan_of(10, 10, 1, "crop_2_3_8_7").unwrap().crop, [2, 3, 8, 7]);
    for segment in ["crop_3_0_8_1", "crop_0_10_1_1", "crop_100000000_0_1_1", "crop_0_0_11_1"] {
        assert_eq!(plan_of(10, 10, 1, segment), Err(Error::CropOutside), "{segment}");
    }
}

#[test]
fn outputs_are_bounded() {
    let excess = |width, height, segment| plan_of(width, height, 1, segment).unwrap_err();
    assert_eq!(excess(5000, 4000, "_"), Error::OverBudget(Excess::OutputPixels));
    assert_eq!(excess(9000, 10, "_"), Error::OverBudget(Excess::OutputSide));
    assert_eq!(
        excess(10, 60000, "w_8192,enlarge"),
        Error::OverBudget(Excess::OutputSide)
    );
    assert_eq!(
        excess(65535, 1, "s_8192x8192,fit_outside,enlarge"),
        Error::OverBudget(Excess::OutputSide)
    );
    assert_eq!(
        excess(100, 100, "s_8192x8192,enlarge"),
        Error::OverBudget(Excess::OutputPixels)
    );
}
