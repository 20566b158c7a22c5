//! Alerts by a webhook: one JSON object, posted to the configured address.

use crate::batch::Webhook;
use crate::domain::clean_block;
use crate::server::delivery_error::DeliveryError;
use crate::server::http;
use crate::store::head_office::Delivery;
use serde_json::json;

/// Posts one alert. `delivery_id` is the same when a delivery is repeated after a crash.
pub(super) fn send(webhook: &Webhook, label: Option<&str>, delivery: &Delivery) -> Result<(), DeliveryError> {
    let token = match &webhook.secret_file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(DeliveryError::SecretFile)?),
        None => None,
    };
    let body = json!({
        "delivery_id": delivery.delivery_id,
        "event": delivery.event.map(crate::batch::AlertEvent::word),
        "label": label,
        "rule": delivery.rule,
        "condition_ids": delivery.about.condition_ids,
        "stores": delivery.about.stores,
        "text": clean_block(&delivery.text),
        "operator": clean_block(&delivery.operator),
        "job_id": delivery.job_id,
        "history_id": delivery.history_id,
        "at": delivery.at.to_rfc3339(),
    });
    http::post(&webhook.address, token.as_deref().map(str::trim), &body.to_string())
}
