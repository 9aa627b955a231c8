//! Everybody who may have received a picture.

use std::collections::HashMap;
use watermark::Subject;

/// Clients, and viewers of theirs, by their subjects.
#[derive(Clone, Debug, Default)]
pub struct Suspects {
    subjects: Vec<Subject>,
    people: Vec<Person>,
    places: HashMap<Subject, usize>,
}

/// Whom a subject stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The client whose key signed, where that is known.
    pub client_id: Option<String>,
    /// The client's own viewer, if it is one: the name that was given, else the tag that stands for it in logs.
    pub viewer: Option<String>,
}

impl Suspects {
    /// Adds a client.
    pub fn client(&mut self, client_id: &str) -> Subject {
        let subject = Subject::of(client_id);
        let person = self.person_of(subject);
        if person.viewer.is_none() {
            person.client_id.get_or_insert_with(|| client_id.to_owned());
        }
        subject
    }

    /// Adds a viewer by the name in the URL's `sub`.
    pub fn viewer(&mut self, name: &str) {
        self.person_of(Subject::of(name)).viewer = Some(name.to_owned());
    }

    /// Adds a viewer of a client by the tag that a log has.
    pub fn tagged(&mut self, viewer: Subject, client_id: Option<&str>) {
        let person = self.person_of(viewer);
        if let Some(client) = client_id {
            person.client_id.get_or_insert_with(|| client.to_owned());
        }
        person.viewer.get_or_insert_with(|| super::hex(&viewer.0));
    }

    /// All of them, in an order that [`Suspects::get`] knows.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// Whom the subject at this place stands for.
    pub fn get(&self, place: usize) -> Person {
        self.people.get(place).cloned().unwrap_or_default()
    }

    fn person_of(&mut self, subject: Subject) -> &mut Person {
        let next = self.subjects.len();
        let place = *self.places.entry(subject).or_insert(next);
        if place == next {
            self.subjects.push(subject);
            self.people.push(Person::default());
        }
        &mut self.people[place]
    }
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.viewer, &self.client_id) {
            (Some(viewer), Some(client)) => write!(f, "viewer {viewer} of {client}"),
            (Some(viewer), None) => write!(f, "viewer {viewer}"),
            (None, client) => f.write_str(client.as_deref().unwrap_or("nobody")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_stands_there_once() {
        let mut suspects = Suspects::default();
        suspects.client("acme");
        suspects.viewer("anna");
        suspects.client("acme");
        suspects.tagged(Subject::of("anna"), Some("acme"));
        suspects.tagged(Subject([1; 8]), None);
        assert_eq!(suspects.subjects().len(), 3);
        let told: Vec<String> = (0..3).map(|place| suspects.get(place).to_string()).collect();
        assert_eq!(told, ["acme", "viewer anna of acme", "viewer 0101010101010101"]);
    }
}
