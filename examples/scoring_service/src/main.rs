//! A service that scores customers: events come in, scores with reasons go out, a new model is taken
//! without a pause, and histories outlive a restart.
//!
//! `scoring_service MODEL STATE ADDRESS`: the model's file, that of the histories, and where to listen.

mod customers;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
#[cfg(unix)]
use tokio::signal::unix::SignalKind;
use winback::explain::ReasonOptions;
use winback::log::{NewTransaction, OrderId, Pushed};

use crate::customers::Customers;

struct Service {
    customers: Customers,
    events: AtomicU64,
    scores: AtomicU64,
}

/// Why a request was refused, in winback's own words.
struct Refused(StatusCode, Value);

impl From<winback::Error> for Refused {
    fn from(error: winback::Error) -> Self {
        let body = json!({ "code": error.code().name(), "error": error.to_string() });
        Refused(StatusCode::UNPROCESSABLE_ENTITY, body)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

type Answer<T> = Result<T, Refused>;

/// A row of an order. The same `key` twice is one row, so a sender may try again.
#[derive(Deserialize)]
struct Order {
    key: Option<String>,
    time: String,
    amount: Option<f64>,
    order_id: Option<String>,
    category: Option<String>,
    channel: Option<String>,
}

async fn add_order(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    Json(order): Json<Order>,
) -> Answer<Json<Value>> {
    let pushed = service.customers.with_new(&id, |_, history| {
        let row = NewTransaction::at(order.time.parse()?);
        history.push_transaction(NewTransaction {
            amount: order.amount,
            order_id: order.order_id.as_deref().map(OrderId::Text),
            category: order.category.as_deref(),
            channel: order.channel.as_deref(),
            key: order.key.as_deref(),
            ..row
        })
    })?;
    service.events.fetch_add(1, Relaxed);
    Ok(Json(json!({ "added": matches!(pushed, Pushed::Added) })))
}

/// The cutoff, and how many reasons are wanted.
#[derive(Deserialize)]
struct At {
    at: String,
    #[serde(default)]
    reasons: usize,
}

fn scored(service: &Service, id: &str, wanted: &At) -> Answer<Value> {
    let found = service.customers.with_known(id, |model, history| {
        let at = wanted.at.as_str();
        if wanted.reasons == 0 {
            return Ok(model.score_customer(history, at)?.map(|score| json!(score)));
        }
        let options = ReasonOptions::default().count(wanted.reasons);
        Ok(model.explain_customer(history, at, &options)?.map(|explained| {
            let reasons = explained.largest(wanted.reasons);
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            json!({ "score": explained.score, "reasons": reasons })
        }))
    })?;
    service.scores.fetch_add(1, Relaxed);
    let unknown = || Refused(StatusCode::NOT_FOUND, json!({ "error": "no purchase so far" }));
    found.flatten().ok_or_else(unknown)
}

async fn score(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    Query(wanted): Query<At>,
) -> Answer<Json<Value>> {
    scored(&service, &id, &wanted).map(Json)
}

/// Several customers, each with a score or an error of its own.
async fn score_several(
    State(service): State<Arc<Service>>,
    Query(wanted): Query<At>,
    Json(ids): Json<Vec<String>>,
) -> Json<Vec<Value>> {
    let one = |id: &String| scored(&service, id, &wanted).unwrap_or_else(|Refused(_, body)| body);
    Json(ids.iter().map(one).collect())
}

/// Reading a model and saving histories block, so they do it beside the threads that answer.
async fn reload(State(service): State<Arc<Service>>) -> Answer<Json<Value>> {
    let done = tokio::task::spawn_blocking(move || service.customers.reload()).await;
    let failed = |_| Refused(StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": "no reload" }));
    Ok(Json(json!({ "model": done.map_err(failed)?? })))
}

async fn metrics(State(service): State<Arc<Service>>) -> String {
    let [events, scores] = [&service.events, &service.scores].map(|count| count.load(Relaxed));
    format!("customers {}\nevents {events}\nscores {scores}\n", service.customers.len())
}

/// Ends on Ctrl-C, or when it is asked to terminate.
async fn asked_to_stop() {
    let terminated = async {
        #[cfg(unix)]
        if let Ok(mut asked) = tokio::signal::unix::signal(SignalKind::terminate()) {
            asked.recv().await;
            return;
        }
        std::future::pending().await
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, state, address] = arguments.as_slice() else {
        return Err("usage: scoring_service MODEL STATE ADDRESS".into());
    };
    let service = Arc::new(Service {
        customers: Customers::restored(model.into(), state.as_ref())?,
        events: AtomicU64::default(),
        scores: AtomicU64::default(),
    });
    let routes = Router::new()
        .route("/customers/{id}/orders", post(add_order))
        .route("/customers/{id}/score", get(score))
        .route("/scores", post(score_several))
        .route("/model", post(reload))
        .route("/metrics", get(metrics))
        .with_state(service.clone());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, routes).with_graceful_shutdown(asked_to_stop()).await?;
    service.customers.save(state.as_ref())?;
    Ok(())
}
