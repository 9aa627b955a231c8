//! I5: operations that ask for too much.

use crate::target::{FAILED, Target};
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    let source = target.source("good/x.jpg");
    let before = target.asked_of_origin();
    for operations in [
        "w_50000",
        "h_8193",
        "s_65535x65535",
        "w_0",
        "w_-1",
        "w_4294967297",
        "w_1e9",
        "w_0096",
        "w_96.5",
        "s_96x",
        "s_x96",
        "q_0",
        "q_101",
        "extend_10001_1_1_1",
        "blur_1000000000",
        "sharpen_9999999",
        "rotate_3601",
        "rotate_99999",
        "dpr_100",
        "crop_0_0_0_0",
        "crop_0_0_999999999_1",
        "crop_-1_0_5_5",
        "f_avif",
        "f_svg",
        "f_exe",
        "w_96,w_97",
        "w_96,s_97",
        "w_96,,",
        ",",
        "w",
        "median_9999",
        "b_nonsense",
    ] {
        target.refuses(&target.v1(operations, &source), 400, "Invalid operations")?;
    }
    ensure!(target.asked_of_origin() == before, "the origin was asked");
    // In bounds one by one, too much together.
    for operations in [
        "s_8192x8192,enlarge",
        "s_8192x8192,fit_contain,enlarge",
        "s_5000x5000,enlarge",
        "extend_10000_10000_10000_10000",
        "pad_10000",
        "s_4000x4000,enlarge,rotate_45",
        "s_3000x3000,enlarge,clahe_100_100",
        "s_3000x3000,enlarge,median_1000",
        "median_1000",
        "crop_0_0_100000_100000",
        "crop_319_239_2_2",
    ] {
        target.refuses(&target.v1(operations, &source), 422, FAILED)?;
    }
    Ok(())
}
