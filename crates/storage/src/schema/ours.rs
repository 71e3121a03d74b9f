//! Tables of ours that no query joins with another one.

diesel::table! {
    /// Ours: what happened, only where [`Layout::events`](crate::Layout::events) says so. `position` null: not sealed yet.
    #[sql_name = "rosterd_event"]
    events (id) {
        id -> Text,
        at -> BigInt,
        action -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        actor_via -> Nullable<Text>,
        actor_credential -> Nullable<Text>,
        client_ip -> Nullable<Text>,
        request_id -> Nullable<Text>,
        subject_kind -> Nullable<Text>,
        subject_id -> Nullable<Text>,
        subject_label -> Nullable<Text>,
        /// A JSON object.
        details -> Nullable<Text>,
        count -> Nullable<BigInt>,
        salt -> Text,
        erased -> Bool,
        position -> Nullable<BigInt>,
        seal -> Nullable<Text>,
    }
}

diesel::table! {
    /// Ours: how far each chain of seals has come.
    #[sql_name = "rosterd_seal"]
    seals (chain) {
        chain -> Text,
        position -> BigInt,
        seal -> Text,
        removed_position -> BigInt,
        removed_seal -> Text,
    }
}

diesel::table! {
    /// Ours: where events are sent to. Only where [`Layout::webhooks`](crate::Layout::webhooks) says so.
    #[sql_name = "rosterd_webhook"]
    webhooks (id) {
        id -> Text,
        url -> Text,
        /// A JSON array of names.
        events -> Text,
        description -> Text,
        secret -> Text,
        previous_secret -> Nullable<Text>,
        previous_until -> Nullable<BigInt>,
        disabled_at -> Nullable<BigInt>,
        disabled_reason -> Nullable<Text>,
        position -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// Ours: events that a webhook is told of. `next_at` null: it has ended.
    #[sql_name = "rosterd_webhook_delivery"]
    deliveries (webhook_id, event_id) {
        webhook_id -> Text,
        event_id -> Text,
        position -> BigInt,
        action -> Text,
        subject -> Text,
        tries -> BigInt,
        next_at -> Nullable<BigInt>,
        last_at -> Nullable<BigInt>,
        status -> Nullable<BigInt>,
        error -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Ours: accounts that were deleted and are kept, only where [`Layout::deletions`](crate::Layout::deletions) says so. Their
    /// rows are in `rosterd_deleted_row`, which no query of Diesel's names.
    #[sql_name = "rosterd_deleted"]
    deleted_users (user_id) {
        user_id -> Text,
        name -> Text,
        email -> Text,
        role -> Text,
        created_at -> BigInt,
        deleted_at -> BigInt,
        deleted_by -> Nullable<Text>,
        row_count -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    /// Ours: mails, only where [`Layout::mails`](crate::Layout::mails) says so. `next_attempt_at` null: it has ended.
    #[sql_name = "rosterd_mail"]
    mails (id) {
        id -> Text,
        kind -> Text,
        user_id -> Nullable<Text>,
        recipient -> Text,
        language -> Text,
        link_id -> Nullable<Text>,
        /// A JSON object of texts.
        data -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
    }
}
