//! The channels that deliver alerts.

/// A channel besides the list in consoles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryChannel {
    /// E-mail through SMTP.
    Email,
    /// The command of the batch server's configuration.
    Command,
    /// The web address of the batch server's configuration.
    Webhook,
    /// The system log of the batch server's machine.
    Syslog,
}

impl DeliveryChannel {
    /// Every channel, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Email, Self::Command, Self::Webhook, Self::Syslog];

    /// Its word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Command => "command",
            Self::Webhook => "webhook",
            Self::Syslog => "syslog",
        }
    }

    /// Its name on screens.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Command => "Command",
            Self::Webhook => "Webhook",
            Self::Syslog => "Syslog",
        }
    }

    /// The setting of a batch server without which it does not have the channel.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Email => "smtp_host",
            Self::Command => "alert_command",
            Self::Webhook => "webhook_url",
            Self::Syslog => "syslog_socket",
        }
    }

    /// Returns the channel of a word; `None` for that of a newer program.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }
}
