/// Text with `{{ variable }}` places, as Spin's manifest allows in component variables and outbound hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Splits the text into its parts; the error is a sentence about what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after
                .split_once("}}")
                .ok_or_else(|| format!("`{text}` opens `{{{{` and never closes it"))?;
            let name = name.trim();
            if !variable_name(name) {
                return Err(format!(
                    "`{text}`: `{name}` is no variable name (lower-case letters, digits, single underscores)"
                ));
            }
            parts.push(Part::Literal(before.to_owned()));
            parts.push(Part::Variable(name.to_owned()));
            rest = after;
        }
        parts.push(Part::Literal(rest.to_owned()));
        Ok(Self(parts))
    }

    /// The variables it names.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The text with every variable filled in; `None` when `value` does not know one of them.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(text.as_str()),
                Part::Variable(name) => value(name),
            })
            .collect()
    }
}

/// Spin's rule for names: words of lower-case letters and digits, each with a letter first, between single underscores.
pub fn variable_name(name: &str) -> bool {
    name.split('_').all(|word| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_variables_and_keeps_the_rest() {
        let template = Template::parse("http://{{ host }}:{{port}}/").unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), ["host", "port"]);
        let filled = template.fill(|name| Some(if name == "host" { "127.0.0.1" } else { "80" }));
        assert_eq!(filled.unwrap(), "http://127.0.0.1:80/");
        assert_eq!(template.fill(|name| (name == "host").then_some("x")), None);
    }

    #[test]
    fn refuses_what_spin_refuses() {
        for text in [
            "{{ open",
            "{{ Upper }}",
            "{{ }}",
            "{{ a__b }}",
            "{{ a_ }}",
            "{{ 1a }}",
            "{{ a_1 }}",
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Template::parse("}} plain }").unwrap().fill(|_| None).unwrap(),
            "}} plain }"
        );
    }
}
