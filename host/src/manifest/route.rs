use std::cmp::Ordering;
use std::fmt;

/// A path pattern of the manifest: literal segments, `:name` segments, and perhaps a last `...` for everything below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    text: String,
    segments: Vec<Segment>,
    wildcard: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Named(String),
}

/// What a route found in a path.
#[derive(Debug, PartialEq, Eq)]
pub struct Captures {
    /// The named segments, as they stand in the path (not decoded), in the order of the route.
    pub named: Vec<(String, String)>,
    /// What the wildcard matched: empty, or starting with a slash.
    pub trailing: String,
}

impl Route {
    /// Reads a route; the error is a sentence about what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!("route `{text}` must start with a slash"));
        };
        let mut parts: Vec<&str> = path.split('/').collect();
        let wildcard = parts.pop_if(|last| *last == "...").is_some();
        parts.pop_if(|last| last.is_empty());
        let mut segments: Vec<Segment> = Vec::new();
        for part in parts {
            segments.push(match part.strip_prefix(':') {
                _ if part.contains("...") => return Err(format!("route `{text}`: `...` can only be the last segment")),
                Some("") => return Err(format!("route `{text}`: a `:` segment needs a name")),
                Some(name) if segments.contains(&Segment::Named(name.to_owned())) => {
                    return Err(format!("route `{text}` has two segments named `{name}`"));
                }
                Some(name) => Segment::Named(name.to_owned()),
                None => Segment::Literal(part.to_owned()),
            });
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
            wildcard,
        })
    }

    /// Matches a path, which is taken as it is: no dot segments, doubled slashes or escapes are resolved. A slash at the
    /// end makes no difference.
    pub fn captures(&self, path: &str) -> Option<Captures> {
        let path = path.strip_prefix('/')?;
        let mut parts: Vec<&str> = path.split('/').collect();
        let slash_at_end = parts.pop_if(|last| last.is_empty()).is_some() && !path.is_empty();
        if parts.len() < self.segments.len() || (parts.len() > self.segments.len() && !self.wildcard) {
            return None;
        }
        let below = parts.split_off(self.segments.len());
        let mut named = Vec::new();
        for (segment, part) in self.segments.iter().zip(parts) {
            match segment {
                Segment::Literal(literal) if literal != part => return None,
                Segment::Literal(_) => {}
                Segment::Named(name) => named.push((name.clone(), part.to_owned())),
            }
        }
        let mut trailing: String = below.iter().flat_map(|part| ["/", part]).collect();
        if self.wildcard && (slash_at_end || path.is_empty()) {
            trailing.push('/');
        }
        Some(Captures { named, trailing })
    }

    /// The route without its wildcard: the fixed part in front of what the component sees as its own path.
    pub fn prefix(&self) -> &str {
        self.text.strip_suffix("/...").unwrap_or(&self.text)
    }

    /// Orders routes for looking them up: the more specific one first. Segment by segment a literal goes before a name and a
    /// longer route before a shorter one; an exact route goes before a wildcard.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let rank = |segment: Option<&Segment>, wildcard: bool| match segment {
            Some(Segment::Literal(_)) => 0,
            Some(Segment::Named(_)) => 1,
            None if wildcard => 3,
            None => 2,
        };
        (0..=self.segments.len().max(other.segments.len()))
            .map(|at| rank(self.segments.get(at), self.wildcard).cmp(&rank(other.segments.get(at), other.wildcard)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether both routes match exactly the same paths.
    pub fn collides(&self, other: &Self) -> bool {
        let same = |pair: (&Segment, &Segment)| match pair {
            (Segment::Literal(one), Segment::Literal(two)) => one == two,
            (Segment::Named(_), Segment::Named(_)) => true,
            _ => false,
        };
        self.wildcard == other.wildcard
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailing(route: &str, path: &str) -> Option<String> {
        Route::parse(route)
            .unwrap()
            .captures(path)
            .map(|captures| captures.trailing)
    }

    #[test]
    fn wildcards_match_the_prefix_and_below_and_nothing_beside() {
        assert_eq!(trailing("/p/...", "/p").as_deref(), Some(""));
        assert_eq!(trailing("/p/...", "/p/").as_deref(), Some("/"));
        assert_eq!(trailing("/p/...", "/p/a/b").as_deref(), Some("/a/b"));
        assert_eq!(trailing("/p/...", "/p/a//b/").as_deref(), Some("/a//b/"));
        assert_eq!(trailing("/p/...", "/px"), None);
        assert_eq!(trailing("/...", "/").as_deref(), Some("/"));
        assert_eq!(trailing("/...", "/x").as_deref(), Some("/x"));
    }

    #[test]
    fn exact_routes_match_only_themselves() {
        assert_eq!(trailing("/hello", "/hello").as_deref(), Some(""));
        assert_eq!(trailing("/hello", "/hello/").as_deref(), Some(""));
        assert_eq!(trailing("/hello", "/hello/x"), None);
        assert_eq!(trailing("/hello", "/%68ello"), None);
        assert_eq!(trailing("/", "/").as_deref(), Some(""));
        assert_eq!(trailing("/", "/x"), None);
    }

    #[test]
    fn named_segments_are_captured_raw() {
        let captures = Route::parse("/named/:tenant/img/...")
            .unwrap()
            .captures("/named/a%2Fb/img/x/y")
            .unwrap();
        assert_eq!(captures.named, [("tenant".to_owned(), "a%2Fb".to_owned())]);
        assert_eq!(captures.trailing, "/x/y");
    }

    #[test]
    fn the_more_specific_route_goes_first() {
        let mut routes: Vec<Route> = ["/...", "/a/...", "/a/:x", "/:y/b", "/a/b", "/a/b/..."]
            .map(|text| Route::parse(text).unwrap())
            .into();
        routes.sort_by(Route::precedence);
        let order: Vec<String> = routes.iter().map(Route::to_string).collect();
        assert_eq!(order, ["/a/b", "/a/b/...", "/a/:x", "/a/...", "/:y/b", "/..."]);
    }

    #[test]
    fn malformed_routes_are_refused() {
        for text in ["hello", "/.../x", "/a...", "/:", "/:a/:a"] {
            assert!(Route::parse(text).is_err(), "{text}");
        }
    }
}
