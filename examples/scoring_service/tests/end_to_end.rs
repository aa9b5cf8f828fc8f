//! The service as its clients see it: over the loopback, under load, with models replaced, killed and
//! started again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use winback::log::NewTransaction;
use winback::simulate::{Simulated, Simulation};
use winback::{ChurnModel, EventLog};

const AT: &str = "2025-01-01";

struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn start(folder: &Path) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scoring_service"))
            .args([folder.join("churn.winback"), folder.join("histories")])
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Running { child, address }
    }

    /// Status and body.
    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: winback\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
    }

    fn score(&self, id: &str) -> (u16, Value) {
        self.ask("GET", &format!("/customers/{id}/score?at={AT}"), &Value::Null)
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let asked = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(asked.elapsed() < Duration::from_secs(20), "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn shop() -> Simulated {
    Simulation::default().customers(600).run().unwrap()
}

/// A model of the shop, with its tickets or without.
fn model(shop: &Simulated, with_tickets: bool) -> ChurnModel {
    let log = EventLog::builder().transactions([shop.transactions.clone()]);
    let log = if with_tickets { log.tickets([shop.tickets.clone()]) } else { log };
    let log = log.observed_until(AT).unwrap().build().unwrap();
    ChurnModel::builder().estimator("logistic").unwrap().fit(&log, "2024-10-01").unwrap()
}

fn orders(customer: usize) -> impl Iterator<Item = (String, f64)> {
    (0..1 + customer % 7).map(move |order| {
        let (month, day) = (1 + (order * 5 + customer) % 12, 1 + (customer * 3 + order) % 28);
        (format!("2024-{month:02}-{day:02}T10:15:00"), 10.0 + (customer % 13) as f64)
    })
}

#[test]
fn scores_are_those_of_the_library_whatever_happens_to_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("churn.winback");
    let shop = shop();
    let plain = model(&shop, false);
    plain.save(&file).unwrap();
    let service = Running::start(folder.path());
    let customers = 40;

    // Two clients send the same orders.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for customer in 0..customers {
                    for (number, (time, amount)) in orders(customer).enumerate() {
                        let order =
                            json!({ "key": number.to_string(), "time": time, "amount": amount });
                        let path = format!("/customers/c{customer}/orders");
                        assert_eq!(service.ask("POST", &path, &order).0, 200);
                    }
                }
            });
        }
    });
    let expected: Vec<f64> = (0..customers)
        .map(|customer| {
            let mut history = plain.customer_history();
            for (time, amount) in orders(customer) {
                let row = NewTransaction::at(time.parse().unwrap());
                history.push_transaction(NewTransaction { amount: Some(amount), ..row }).unwrap();
            }
            plain.score_customer(&history, AT).unwrap().unwrap().churn_probability
        })
        .collect();
    let agree = |service: &Running| {
        for (customer, expected) in expected.iter().enumerate() {
            let (status, score) = service.score(&format!("c{customer}"));
            assert_eq!((status, &score["churn_probability"]), (200, &json!(expected)));
        }
    };
    agree(&service);

    // Several at once, with reasons, and one who is not known.
    let several = json!(["c1", "nobody"]);
    let (_, found) = service.ask("POST", &format!("/scores?at={AT}&reasons=2"), &several);
    assert_eq!(found[0]["score"]["churn_probability"], json!(expected[1]));
    assert_eq!(found[0]["reasons"].as_array().unwrap().len(), 2);
    assert_eq!(found[1]["error"], "no purchase so far");
    assert_eq!(service.score("nobody").0, 404);

    // What is wrong is said in winback's words, and changes nothing.
    let path = "/customers/c1/orders";
    for (order, code) in [
        (json!({ "time": "yesterday", "amount": 5.0 }), "bad-argument"),
        (json!({ "time": "2024-05-01" }), "bad-cell"),
    ] {
        let (status, body) = service.ask("POST", path, &order);
        assert_eq!(status, 422, "{body}");
        assert_eq!(body["code"], code, "{body}");
    }

    // A model that reads what no history has is refused under load; one that fits is taken.
    model(&shop, true).save(&file).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| agree(&service));
        let (status, body) = service.ask("POST", "/model", &Value::Null);
        assert_eq!(status, 422, "{body}");
    });
    plain.save(&file).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| agree(&service));
        assert_eq!(service.ask("POST", "/model", &Value::Null), (200, json!({ "model": 1 })));
    });
    agree(&service);
    let (_, metrics) = service.ask("GET", "/metrics", &Value::Null);
    assert!(metrics.as_str().unwrap().starts_with(&format!("customers {customers}\n")));

    // Stopped and started again, it knows all customers; a damaged file is refused.
    service.stop();
    let service = Running::start(folder.path());
    agree(&service);
    service.stop();
    let saved = folder.path().join("histories");
    let bytes = std::fs::read(&saved).unwrap();
    std::fs::write(&saved, &bytes[..bytes.len() - 3]).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_scoring_service"))
        .args([&file, &saved])
        .arg("127.0.0.1:0")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(!child.wait().unwrap().success());
}

/// One request after the other over one connection; how long each took, in microseconds.
fn load(address: &str, requests: impl Iterator<Item = String>) -> Vec<f64> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut times = Vec::new();
    for request in requests {
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).unwrap();
        let (mut line, mut length) = (String::new(), 0);
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
            if let Some(bytes) = line.strip_prefix("content-length: ") {
                length = bytes.trim().parse().unwrap();
            }
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        times.push(asked.elapsed().as_secs_f64() * 1e6);
    }
    times
}

/// A number of the environment, such as a longer load than that of the tests.
fn given(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Two clients add orders and ask for scores, one of each in turn.
#[test]
fn two_clients_at_once_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    model(&shop(), false).save(folder.path().join("churn.winback")).unwrap();
    let service = Running::start(folder.path());
    let customers = given("LOAD_CUSTOMERS", 200);
    let until = Duration::from_secs(given("LOAD_SECONDS", 1));
    let post = |customer: u64, order: u64| {
        let month = 1 + order % 12;
        let body = format!("{{\"time\":\"2024-{month:02}-05T10:00:00\",\"amount\":12.5}}");
        format!(
            "POST /customers/c{customer}/orders HTTP/1.1\r\nhost: winback\r\ncontent-type: \
             application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let get = |customer: u64| {
        format!("GET /customers/c{customer}/score?at={AT} HTTP/1.1\r\nhost: winback\r\n\r\n")
    };
    load(&service.address, (0..customers * 10).map(|n| post(n % customers, n / customers)));
    let memory = std::fs::read_to_string(format!("/proc/{}/status", service.child.id()));
    let resident = memory.iter().flat_map(|text| text.lines()).find(|l| l.starts_with("VmRSS"));
    let begun = Instant::now();
    let client = |first: u64| {
        let requests = (first..)
            .map(|n| {
                let customer = n.wrapping_mul(2_654_435_761) % customers;
                if n % 2 == 0 { post(customer, n % 12) } else { get(customer) }
            })
            .take_while(|_| begun.elapsed() < until);
        load(&service.address, requests)
    };
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let clients = [0, 1 << 40].map(|first| scope.spawn(move || client(first)));
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    println!(
        "{:.0} requests/s, p50 {:.0} µs, p99 {:.0} µs; {customers} customers of ten orders: {}",
        times.len() as f64 / until.as_secs_f64(),
        at(0.5),
        at(0.99),
        resident.unwrap_or("memory not known")
    );
    assert!(times.len() > 100);
    service.stop();
}
