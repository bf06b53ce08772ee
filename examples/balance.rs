//! A load balancer in one file: the relay service as a library, without the command.
//!
//! ```text
//! cargo run --no-default-features --features relay --example balance -- \
//!     tcp:8080 tcp:192.0.2.1:80 tcp:192.0.2.2:80
//! ```

use std::time::Duration;

use strports::relay::{Balance, Event, RelayService, RelaySettings};
use strports::runtime::{Error, block_on, client_from_string, server_from_string};

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().unwrap_or_else(|| "tcp:0:interface=127.0.0.1".to_owned());
    let targets = arguments.map(|it| client_from_string(&it)).collect::<Result<Vec<_>, _>>()?;

    let mut settings = RelaySettings::default();
    settings.balance = Balance::RoundRobin;
    settings.max_connections = Some(1000);
    settings.time.idle = Some(Duration::from_secs(300));

    block_on(async {
        let listener = server_from_string(&server)?.listen().await?;
        println!("listening on {}", listener.local_address());
        let service = RelayService::new(listener, targets, settings).observed_by(log);
        let finished = service.run().await?;
        println!("{} connections", finished.counters.accepted);
        Ok(())
    })
}

/// Prints a line for each connection that ends.
fn log(event: &Event<'_>) {
    if let Event::Ended { id, peer, target, transferred, end, .. } = event {
        let target = target.map_or_else(|| "no target".to_owned(), ToString::to_string);
        let (there, back) = (transferred.a_to_b, transferred.b_to_a);
        println!("{id}: {peer} to {target}: {}, {there} bytes there, {back} back", end.as_str());
    }
}
