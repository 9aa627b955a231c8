use crate::allow::AllowRule;
use crate::grammar::{self, Sum};
use crate::modifier::Modifier;
use crate::{Error, Modulate, Operations};
use std::collections::BTreeMap;

/// The operations segment of a URL, read by the grammar alone: what its preset means, and what of it is allowed, is for
/// [`Segment::resolve`].
#[derive(Debug, Clone)]
pub struct Segment<'a> {
    preset: Option<&'a str>,
    /// Everything but the preset, each valid and none twice.
    modifiers: Vec<(Modifier, Option<&'a str>)>,
    /// What they come to.
    own: Operations,
}

impl<'a> Segment<'a> {
    /// Parses a segment. The caller has percent-decoded it exactly once.
    ///
    /// # Errors
    /// The first reason found, in the order of the segment; see [`Error`].
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let mut segment = Self {
            preset: None,
            modifiers: Vec::new(),
            own: Operations::default(),
        };
        let mut sum = Sum::default();
        for part in grammar::parts(text)? {
            let (modifier, argument) = grammar::modifier(part)?;
            sum.add(modifier, argument)?;
            match (modifier, argument) {
                (Modifier::Preset, name) => segment.preset = name,
                _ => segment.modifiers.push((modifier, argument)),
            }
        }
        segment.own = sum.operations;
        Ok(segment)
    }

    /// What the segment asks for: its preset is replaced by the modifiers that it stands for, and what stands beside it is
    /// added. Nothing overrides: a modifier that is in both is given twice. A preset holds no preset.
    ///
    /// `presets` are the project's, by name. `allowed` is what the key allows, in words of [`AllowRule`]; none: everything. It
    /// is about what the URL says, not about what a preset stands for, and is judged before the preset is looked up.
    ///
    /// [`Operations::canonical`] of the result is all that a picture depends on: it changes when the preset does.
    ///
    /// # Errors
    /// [`Error::NotAllowed`], [`Error::UnknownPreset`], [`Error::DamagedPreset`], [`Error::Duplicate`], or [`Error::Invalid`] for a
    /// `dpr` that makes a side too long.
    pub fn resolve(&self, presets: &BTreeMap<String, String>, allowed: Option<&[String]>) -> Result<Operations, Error> {
        if allowed.is_some_and(|rules| !self.is_allowed(rules)) {
            return Err(Error::NotAllowed);
        }
        let Some(name) = self.preset else {
            return self.own.clone().at_density();
        };
        let text = presets.get(name).ok_or(Error::UnknownPreset)?;
        let preset = Segment::parse(text).ok().filter(|preset| preset.preset.is_none());
        let preset = preset.ok_or(Error::DamagedPreset)?;
        let mut sum = Sum::default();
        for (modifier, argument) in preset.modifiers.iter().chain(&self.modifiers) {
            sum.add(*modifier, *argument)?;
        }
        sum.operations.at_density()
    }

    /// A rule that cannot be read allows nothing.
    fn is_allowed(&self, rules: &[String]) -> bool {
        let rules: Vec<AllowRule> = rules.iter().filter_map(|rule| AllowRule::parse(rule).ok()).collect();
        let any = |fits: &dyn Fn(&AllowRule) -> bool| rules.iter().any(fits);
        if self.preset.is_none() && self.modifiers.is_empty() {
            return any(&AllowRule::allows_nothing);
        }
        // A box is allowed as a box, or by its sides, whichever way it was written.
        let sides = any(&|rule| rule.allows_box(&self.own))
            || any(&|rule| rule.allows_width(&self.own)) && any(&|rule| rule.allows_height(&self.own));
        let modulation = any(&|rule| rule.allows_modulation(&self.own))
            || Modulate::parts(self.own.adjustments.modulate).all(|part| any(&|rule| rule.allows_part(part)));
        self.preset.is_none_or(|name| any(&|rule| rule.allows_preset(name)))
            && self.modifiers.iter().all(|(modifier, argument)| match modifier {
                Modifier::Width | Modifier::Height | Modifier::Resize => sides,
                Modifier::Modulate
                | Modifier::Brightness
                | Modifier::Saturation
                | Modifier::Hue
                | Modifier::Lightness => modulation,
                _ => any(&|rule| rule.allows(*modifier, *argument)),
            })
    }
}
