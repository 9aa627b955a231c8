//! The operator's side over real HTTP and the command line: on the embedded database, and on a PostgreSQL and a Redis that two
//! hosts share.

mod accountability;
mod clients;
mod import;
mod keys;
mod urls;
mod webhook;

use anyhow::Result;
use deckle_tests::{Deckle, command, get, request};

/// Runs a scenario on either deployment.
macro_rules! on_both {
    ($($scenario:path: $embedded:ident, $servers:ident;)*) => {$(
        #[test]
        fn $embedded() -> Result<()> {
            $scenario(deckle_tests::Fleet::on_sqlite()?)
        }

        #[test]
        fn $servers() -> Result<()> {
            $scenario(deckle_tests::Fleet::on_servers()?)
        }
    )*};
}

on_both! {
    accountability::each_request_is_one_event: each_request_is_one_event_on_the_embedded_database, each_request_is_one_event_on_two_hosts;
    clients::shown_once: a_client_is_shown_once_on_the_embedded_database, a_client_is_shown_once_on_two_hosts;
    clients::ended: credentials_die_with_rotation_and_revocation_on_the_embedded_database, credentials_die_with_rotation_and_revocation_on_two_hosts;
    urls::ended: urls_die_with_their_client_on_the_embedded_database, urls_die_with_their_client_on_two_hosts;
    keys::at_the_edge: keys_of_the_api_work_at_the_edge_on_the_embedded_database, keys_of_the_api_work_at_the_edge_on_two_hosts;
    keys::from_the_command_line: keys_from_the_command_line_on_the_embedded_database, keys_from_the_command_line_on_two_hosts;
    import::rows: ten_thousand_rows_are_imported_on_the_embedded_database, ten_thousand_rows_are_imported_on_two_hosts;
    import::killed: kill_9_during_an_import_leaves_whole_groups_on_the_embedded_database, kill_9_during_an_import_leaves_whole_groups_on_two_hosts;
}

#[test]
fn a_webhook_is_sent_until_it_is_taken_on_the_embedded_database() -> Result<()> {
    webhook::is_sent_until_it_is_taken(deckle_tests::Fleet::on_sqlite_with)
}

#[test]
fn a_webhook_is_sent_until_it_is_taken_on_two_hosts() -> Result<()> {
    webhook::is_sent_until_it_is_taken(deckle_tests::Fleet::on_servers_with)
}

#[test]
fn commands_say_what_is_missing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let list = command()
        .args(["client", "list", "--data"])
        .arg(folder.path())
        .output()?;
    let said = String::from_utf8_lossy(&list.stderr);
    assert!(
        !list.status.success() && said.contains("DECKLE_OPERATOR_TOKEN"),
        "{said}"
    );
    let help = command().args(["client", "create", "--help"]).output()?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for word in ["DECKLE_OPERATOR_TOKEN", "DECKLE_URL", "shown", "Examples"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    Ok(())
}

#[test]
fn what_is_private_is_nobody_s_route() -> Result<()> {
    let deckle = Deckle::demo()?;
    assert_eq!(get(&deckle.url("/api/v1/account"))?.status, 401);
    for path in ["/internal/events", "/internal/chores"] {
        // The demo page answers what is nobody's route.
        let status = request("POST", &deckle.url(path), &[])?.status;
        assert!(matches!(status, 404 | 405), "{path}: {status}");
    }
    Ok(())
}
