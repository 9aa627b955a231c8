//! `GET /openapi.json`: the document of every API of the deployment, also of those that the edge answers.

use answer::Answer;

/// OpenAPI 3.1. It is written by hand, and the tests compare it with the routes and the errors.
const DOCUMENT: &str = include_str!("../openapi.json");

/// The endpoint.
pub fn read(request_id: &str) -> Answer {
    Answer::json(200, request_id, DOCUMENT.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
