//! The channel databases, jobs, distribution schedules and channel data groups named by a chunk's
//! messages, and when they reported.

use crate::domain::{CLOCK_AHEAD_MS, Direction, Presence, StatusMessage, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::{ChunkWriter, ClockNote};
use foldhash::{HashMap, HashSet};

/// The most names held in memory; beyond, they are written before the chunk continues. A faulty
/// store can invent any number.
const MAX_HELD_NAMES: usize = 10_000;

/// The names of a chunk, each written once at its end.
#[derive(Default)]
pub(super) struct Names {
    /// `None`: it has never reported.
    channel_databases: HashMap<String, Option<Presence>>,
    /// The jobs of each direction, likewise.
    jobs: [HashMap<String, Option<Presence>>; 2],
    schedules: HashMap<String, (Timestamp, Timestamp)>,
    groups: HashMap<String, (Timestamp, Timestamp)>,
    clocks: HashMap<String, ClockNote>,
}

impl Names {
    /// Loads the presences of the messages' channel databases and jobs.
    pub(super) fn look_up<'m>(
        &mut self,
        messages: impl Iterator<Item = &'m StatusMessage> + Clone,
        writer: &mut ChunkWriter,
    ) -> Result<(), StoreError> {
        for message in messages.clone().filter(|message| !message.job_name.is_empty()) {
            let jobs = &mut self.jobs[index(message.key.direction)];
            if !jobs.contains_key(&message.job_name) {
                let presence = writer.load_job(message.key.direction, &message.job_name)?;
                jobs.insert(message.job_name.clone(), presence);
            }
        }
        let names = messages.map(|message| message.key.channel_database.as_str());
        let wanted: HashSet<_> =
            names.filter(|name| !name.is_empty() && !self.channel_databases.contains_key(*name)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        for name in &wanted {
            self.channel_databases.insert((*name).to_owned(), None);
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        for (name, presence) in writer.load_presences(&wanted)? {
            self.channel_databases.insert(name, Some(presence));
        }
        Ok(())
    }

    /// Adds the names of a new message.
    pub(super) fn note(&mut self, message: &StatusMessage) {
        let at = message.posted_at;
        let databases = self.channel_databases.get_mut(message.key.channel_database.as_str());
        let jobs = self.jobs[index(message.key.direction)].get_mut(message.job_name.as_str());
        for presence in databases.into_iter().chain(jobs) {
            presence.get_or_insert_with(|| Presence::of(at)).absorb(at);
        }
        self.note_clock(message);
        note_name(&mut self.schedules, message.distribution_schedule.as_deref(), at);
        note_name(&mut self.groups, message.channel_data_group.as_deref(), at);
    }

    /// Adds what a new message shows of its reporter's clock. A message that arrives long after it
    /// was written shows nothing.
    fn note_clock(&mut self, message: &StatusMessage) {
        let (name, at) = (message.key.channel_database.as_str(), message.posted_at);
        let is_near = at.since(message.occurred_at) <= CLOCK_AHEAD_MS;
        if name.is_empty() || (message.reported_at.is_none() && !is_near) {
            return;
        }
        if !self.clocks.contains_key(name) {
            self.clocks.insert(name.to_owned(), ClockNote::default());
        }
        let Some(note) = self.clocks.get_mut(name) else { return };
        match message.reported_at {
            Some(reported) => note.ahead = note.ahead.max(Some((at, reported.since(at)))),
            None => note.right = note.right.max(Some(at)),
        }
    }

    /// Whether they should be written before the chunk takes more.
    pub(super) fn are_many(&self) -> bool {
        let jobs: usize = self.jobs.iter().map(HashMap::len).sum();
        self.channel_databases.len() + jobs + self.schedules.len() + self.groups.len() >= MAX_HELD_NAMES
    }

    /// Writes them and forgets them.
    pub(super) fn write(&mut self, writer: &mut ChunkWriter) -> Result<(), StoreError> {
        let presences = self.channel_databases.iter();
        let presences: Vec<_> = presences.filter_map(|(name, presence)| Some((name.as_str(), (*presence)?))).collect();
        writer.save_presences(&presences)?;
        self.channel_databases.clear();
        if !self.clocks.is_empty() {
            writer.save_clocks(&self.clocks)?;
            self.clocks.clear();
        }
        for (name, (first, last)) in self.schedules.drain() {
            writer.save_schedule(&name, first, last)?;
        }
        for (name, (first, last)) in self.groups.drain() {
            writer.save_group(&name, first, last)?;
        }
        for direction in Direction::ALL {
            for (name, presence) in self.jobs[index(direction)].drain() {
                presence.map_or(Ok(()), |presence| writer.save_job(direction, &name, presence))?;
            }
        }
        Ok(())
    }
}

fn index(direction: Direction) -> usize {
    match direction {
        Direction::Download => 0,
        Direction::Upload => 1,
    }
}

fn note_name(names: &mut HashMap<String, (Timestamp, Timestamp)>, name: Option<&str>, at: Timestamp) {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return };
    if let Some((first, last)) = names.get_mut(name) {
        (*first, *last) = ((*first).min(at), (*last).max(at));
    } else {
        names.insert(name.to_owned(), (at, at));
    }
}
