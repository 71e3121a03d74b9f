//! What a start tells beside where it listens: how many accounts there are, and what to do when there is none.

use std::net::SocketAddr;

use rosterd_app::App;
use rosterd_app::settings::SetupSetting;
use rosterd_domain::secret::SetupToken;

/// Tells it in the log. A count that the database does not give is no reason to end: the server answers without it. `token`
/// is what [`rosterd_app::setup::prepare`] gave.
pub(crate) async fn tell(app: App, addrs: Vec<SocketAddr>, token: Option<SetupToken>) {
    let is_standalone = app.store().layout().is_standalone();
    match app.store().scan(|db| db.count_users()).await {
        Ok(0) if is_standalone => {
            for line in first_steps(&addrs) {
                tracing::info!("{line}");
            }
            let reachable = addrs.iter().find(|addr| !addr.ip().is_loopback());
            let shown = token.map(|token| match app.settings().setup {
                // Whoever has set it knows it.
                SetupSetting::Given(_) => "ROSTERD_SETUP_TOKEN".to_owned(),
                SetupSetting::Generated | SetupSetting::Off => token.expose().to_owned(),
            });
            match (reachable, shown) {
                (Some(addr), Some(token)) => {
                    tracing::warn!(
                        "there is no account yet, and others can reach {addr}: {}",
                        link(&addrs, &token)
                    );
                }
                (Some(addr), None) => tracing::warn!(
                    "there is no account yet, and others can reach {addr}: whoever signs up first becomes the administrator. \
                     Create the first account now"
                ),
                (None, Some(token)) => tracing::info!("if a proxy stands in front, {}", link(&addrs, &token)),
                (None, None) => {}
            }
        }
        Ok(0) => tracing::info!("there is no account yet; sign up in Open WebUI"),
        Ok(accounts) => tracing::info!(accounts, "the API is described at {}docs/", url(&addrs)),
        Err(why) => tracing::debug!("the accounts cannot be counted: {why}"),
    }
}

/// What to do on a server without accounts, one sentence a line.
fn first_steps(addrs: &[SocketAddr]) -> [String; 2] {
    [
        "there is no account yet. The first one becomes the administrator: rosterd user create --admin --email EMAIL --name NAME"
            .to_owned(),
        format!(
            "or open {0} in the browser, or sign up: POST {0}api/v1/auths/signup. The API is described at {0}docs/",
            url(addrs)
        ),
    ]
}

/// How the first account is opened from outside.
fn link(addrs: &[SocketAddr], token: &str) -> String {
    format!(
        "the first sign-up needs the set-up token: open {}?setup={token} in the browser, or send the header X-Setup-Token: {token}",
        url(addrs)
    )
}

/// The URL of this server for a browser on this machine.
fn url(addrs: &[SocketAddr]) -> String {
    match addrs.first() {
        Some(addr) if addr.ip().is_unspecified() => format!("http://localhost:{}/", addr.port()),
        Some(addr) => format!("http://{addr}/"),
        None => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addrs(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_url_that_a_browser_can_open() {
        assert_eq!(url(&addrs(&["127.0.0.1:8080"])), "http://127.0.0.1:8080/");
        assert_eq!(url(&addrs(&["0.0.0.0:80", "127.0.0.1:81"])), "http://localhost:80/");
        assert_eq!(url(&addrs(&["[::]:80"])), "http://localhost:80/");
        assert_eq!(url(&addrs(&["[::1]:80"])), "http://[::1]:80/");
    }

    #[test]
    fn the_first_steps_name_a_command_and_a_url() {
        let [command, page] = first_steps(&addrs(&["127.0.0.1:9000"]));
        assert!(command.contains("rosterd user create --admin"), "{command}");
        assert!(page.contains("http://127.0.0.1:9000/docs/"), "{page}");
        let link = link(&addrs(&["0.0.0.0:9000"]), "abc");
        assert!(
            link.contains("http://localhost:9000/?setup=abc ") && link.ends_with("X-Setup-Token: abc"),
            "{link}"
        );
    }
}
