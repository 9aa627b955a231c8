use super::{Spelling, unless};
use crate::names::name_of;
use crate::{Adjustments, Blur, Decimal, Modulate, Precision, Sharpen};

pub(super) fn spell(adjustments: &Adjustments, spelling: &mut Spelling) {
    spelling.put_flag("flatten", adjustments.flatten);
    if let Some(gamma) = adjustments.gamma {
        let before = Some(gamma.before.to_string());
        spelling.put_slots("gamma", &[before, unless(gamma.after, gamma.before)]);
    }
    spelling.put_value("median", adjustments.median);
    if let Some(threshold) = adjustments.threshold {
        let level = Some(threshold.level.to_string());
        spelling.put_slots("threshold", &[level, unless(threshold.grayscale, true)]);
    }
    spelling.put_value("dilate", adjustments.dilate);
    spelling.put_value("erode", adjustments.erode);
    if let Some(blur) = adjustments.blur {
        spell_blur(blur, spelling);
    }
    spelling.put_flag("unflatten", adjustments.unflatten);
    if adjustments.modulate != Modulate::default() {
        let text = |value: Option<Decimal>| value.map(|value| value.to_string());
        let Modulate {
            brightness,
            saturation,
            hue,
            lightness,
        } = adjustments.modulate;
        let hue = hue.map(|hue| hue.to_string());
        spelling.put_slots("modulate", &[text(brightness), text(saturation), hue, text(lightness)]);
    }
    if let Some(sharpen) = adjustments.sharpen {
        spell_sharpen(sharpen, spelling);
    }
    spelling.put_value("opacity", adjustments.opacity);
    if let Some(linear) = adjustments.linear {
        let a = Some(linear.a.to_string());
        spelling.put_slots("linear", &[a, unless(linear.b, Decimal::default())]);
    }
    if let Some(normalize) = adjustments.normalize {
        spelling.put(format_args!("normalize_{}_{}", normalize.lower, normalize.upper));
    }
    if let Some(clahe) = adjustments.clahe {
        let width = Some(clahe.width.to_string());
        let height = unless(clahe.height, clahe.width);
        spelling.put_slots("clahe", &[width, height, unless(clahe.max_slope, 3)]);
    }
    spelling.put_value("tint", adjustments.tint.map(|tint| tint.canonical()));
    if let Some(negate) = adjustments.negate {
        spelling.put_slots("negate", &[unless(negate.alpha, true)]);
    }
}

fn spell_blur(blur: Blur, spelling: &mut Spelling) {
    let Blur::Gaussian {
        sigma,
        precision,
        min_amplitude,
    } = blur
    else {
        return spelling.put("blur");
    };
    let precision = unless(name_of(&Precision::NAMES, precision), "integer");
    let sigma = Some(sigma.to_string());
    spelling.put_slots("blur", &[sigma, precision, unless(min_amplitude, Blur::MIN_AMPLITUDE)]);
}

fn spell_sharpen(sharpen: Sharpen, spelling: &mut Spelling) {
    let Sharpen::Mask {
        sigma,
        flat,
        jagged,
        x1,
        y2,
        y3,
    } = sharpen
    else {
        return spelling.put("sharpen");
    };
    let [flat_default, jagged_default, x1_default, y2_default, y3_default] = Sharpen::DEFAULTS;
    spelling.put_slots(
        "sharpen",
        &[
            Some(sigma.to_string()),
            unless(flat, flat_default),
            unless(jagged, jagged_default),
            unless(x1, x1_default),
            unless(y2, y2_default),
            unless(y3, y3_default),
        ],
    );
}
