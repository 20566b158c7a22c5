//! The fields of Server configuration: one server's settings, and the effect of saving them.
//! Draws nothing.

use crate::batch::{
    BatchJob, BatchServer, BatchStatus, DEFAULT_THREADS, Reason, SchedulingState, Window, reasons, time_of_day,
};
use crate::console::protocol::batch_query::BatchGroup;
use crate::console::protocol::batch_query::Setup;
use crate::console::protocol::key::Key;
use crate::console::view::context::ViewContext;
use crate::console::widgets::drop_down::DropDown;
use crate::console::widgets::field::{Field, FocusRing, LocalNow};
use crate::console::widgets::number::NumberField;
use crate::console::widgets::tick::Tick;
use crate::console::widgets::time_of_day::TimeField;
use crate::recurrence::zones_like;
use chrono::{NaiveDate, NaiveTime, Timelike};

/// Windows that a form can hold.
const MAX_WINDOWS: usize = 6;

/// A field, or a button; windows and groups are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they are
pub enum FieldId {
    IsServer,
    Zone,
    Threads(usize),
    From(usize),
    To(usize),
    Add,
    Remove,
    Group(usize),
    Save,
    Close,
}

impl FieldId {
    /// The sentence of the notice row.
    pub fn help(self) -> &'static str {
        match self {
            Self::IsServer => "Is batch server: whether it takes batch jobs at all. Space ticks.",
            Self::Zone => "Time zone of the windows. Letters find, Space opens the list.",
            Self::Threads(_) => "Maximum batch threads: jobs at once. Running ones continue after the window.",
            Self::From(_) => "Start time. Digits type, + - step; a window may cross midnight.",
            Self::To(_) => "End time; 00:00 is the end of the day. Digits type, + - step.",
            Self::Add => "Adds a window. Where windows overlap, the one with most threads counts.",
            Self::Remove => "Removes the window in which the focus was last.",
            Self::Group(_) => "Batch server groups: Space adds the group to the server or removes it.",
            Self::Save => "Saves; a running server applies it within a second.",
            Self::Close => "Back to the servers.",
        }
    }
}

/// One window as it is typed.
pub struct WindowFields {
    pub(super) threads: NumberField,
    pub(super) from: TimeField,
    pub(super) to: TimeField,
}

/// The settings of one batch server, as they are edited.
pub struct ServerFields {
    /// As head office has it.
    pub(super) server: BatchServer,
    pub(super) is_server: Tick,
    pub(super) zone: DropDown,
    pub(super) windows: Vec<WindowFields>,
    /// Every group, and whether the server serves it.
    pub(super) groups: Vec<(String, Tick)>,
    pub(super) ring: FocusRing<FieldId>,
    /// The window in which the focus was last.
    window: usize,
}

fn zones(typed: &str) -> Vec<String> {
    zones_like(typed).iter().map(ToString::to_string).collect()
}

fn window_fields(window: &Window) -> WindowFields {
    let mut fields = WindowFields {
        threads: NumberField::new("Maximum batch threads", 1..=1_000, 3),
        from: TimeField::new("Start time"),
        to: TimeField::new("End time"),
    };
    fields.threads.set(&window.max_threads.to_string());
    fields.from.set(&time_of_day(window.from));
    // The field has no 24:00; midnight is 00:00.
    fields.to.set(&time_of_day(window.to % 1_440));
    fields
}

impl ServerFields {
    /// The fields of a server.
    pub fn new(server: &BatchServer, groups: &[BatchGroup]) -> Self {
        let group = |group: &String| (group.clone(), Tick { on: server.groups.contains(group) });
        Self {
            server: server.clone(),
            is_server: Tick { on: server.is_batch_server },
            zone: DropDown::new(&server.zone, 24, zones),
            windows: server.windows.iter().map(window_fields).collect(),
            groups: groups.iter().map(|known| group(&known.name)).collect(),
            ring: FocusRing::new(FieldId::IsServer),
            window: 0,
        }
    }

    /// Which field has the focus.
    pub fn focused(&self) -> FieldId {
        self.ring.focused()
    }

    /// The fields in the order of Tab.
    pub fn order(&self) -> Vec<FieldId> {
        let mut order = vec![FieldId::IsServer, FieldId::Zone];
        for window in 0..self.windows.len() {
            order.extend([FieldId::Threads(window), FieldId::From(window), FieldId::To(window)]);
        }
        order.extend([FieldId::Add, FieldId::Remove]);
        order.extend(self.group_lists().into_iter().flatten().map(FieldId::Group));
        order.extend([FieldId::Save, FieldId::Close]);
        order
    }

    /// The groups that the server serves, and those that remain, as the original lists them.
    pub fn group_lists(&self) -> [Vec<usize>; 2] {
        let (selected, remaining) = (0..self.groups.len()).partition(|at| self.groups[*at].1.on);
        [selected, remaining]
    }

    /// Puts the focus there.
    pub fn go(&mut self, id: FieldId) {
        self.ring.go(id);
        if let FieldId::Threads(window) | FieldId::From(window) | FieldId::To(window) = id {
            self.window = window;
        }
        if let Some(field) = self.field(id) {
            field.entered();
        }
    }

    /// Moves the focus to the next or the previous field.
    pub fn step(&mut self, back: bool) {
        let order = self.order();
        self.ring.step(&order, back);
        self.go(self.ring.focused());
    }

    /// Whether the list of zones is open and takes Enter and Esc, too.
    pub fn is_list_open(&self) -> bool {
        self.zone.is_open()
    }

    /// Passes a key to the focused field; returns whether the field used it.
    pub fn key(&mut self, key: &Key) -> bool {
        let now = LocalNow { today: NaiveDate::MIN, time: NaiveTime::MIN };
        let focused = self.focused();
        self.field(focused).is_some_and(|field| field.key(key, &now))
    }

    /// Why the value of the focused field is invalid; `None` if it is valid.
    pub fn fault(&self) -> Option<String> {
        match self.focused() {
            FieldId::Threads(at) => self.windows.get(at)?.threads.fault(),
            FieldId::From(at) => self.windows.get(at)?.from.fault(),
            FieldId::To(at) => self.windows.get(at)?.to.fault(),
            _ => None,
        }
    }

    /// Adds a window and moves the focus to it; returns why it cannot.
    pub fn add_window(&mut self) -> Result<(), String> {
        if self.windows.len() >= MAX_WINDOWS {
            return Err("six windows are the maximum; remove one first".to_owned());
        }
        self.windows.push(window_fields(&Window::all_day(DEFAULT_THREADS)));
        self.go(FieldId::Threads(self.windows.len() - 1));
        Ok(())
    }

    /// Removes the window that had the focus last and moves the focus to the next one, so that
    /// another removal takes a window that was focused.
    pub fn remove_window(&mut self) {
        if self.window >= self.windows.len() {
            return;
        }
        self.windows.remove(self.window);
        self.window = self.window.min(self.windows.len().saturating_sub(1));
        self.go(if self.windows.is_empty() { FieldId::Add } else { FieldId::Threads(self.window) });
    }

    fn field(&mut self, id: FieldId) -> Option<&mut dyn Field> {
        Some(match id {
            FieldId::IsServer => &mut self.is_server,
            FieldId::Zone => &mut self.zone,
            FieldId::Threads(at) => &mut self.windows.get_mut(at)?.threads,
            FieldId::From(at) => &mut self.windows.get_mut(at)?.from,
            FieldId::To(at) => &mut self.windows.get_mut(at)?.to,
            FieldId::Group(at) => &mut self.groups.get_mut(at)?.1,
            FieldId::Add | FieldId::Remove | FieldId::Save | FieldId::Close => return None,
        })
    }

    /// A window as it is filled in, or the field that is wrong and why.
    pub fn window(&self, at: usize) -> Result<Window, (FieldId, String)> {
        let Some(fields) = self.windows.get(at) else {
            return Err((FieldId::Add, "there is no such window".to_owned()));
        };
        let minute = |time: &TimeField, id| match time.value() {
            Ok(time) => Ok(u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)),
            Err(fault) => Err((id, fault)),
        };
        let (from, to) = (minute(&fields.from, FieldId::From(at))?, minute(&fields.to, FieldId::To(at))?);
        let max_threads = fields.threads.value().map_err(|fault| (FieldId::Threads(at), fault))?;
        Ok(Window { from, to: if to == 0 { 1_440 } else { to }, max_threads })
    }

    /// The server as it is filled in, or the field that is wrong and why.
    pub fn settings(&self) -> Result<BatchServer, (FieldId, String)> {
        let windows: Result<Vec<_>, _> = (0..self.windows.len()).map(|at| self.window(at)).collect();
        let groups = self.groups.iter().filter(|(_, tick)| tick.on).map(|(group, _)| group.clone());
        Ok(BatchServer {
            is_batch_server: self.is_server.on,
            zone: self.zone.value().to_owned(),
            windows: windows?,
            groups: groups.collect(),
            ..self.server.clone()
        })
    }

    /// Whether anything was changed since the form was filled.
    pub fn is_changed(&self) -> bool {
        let window = |window: &WindowFields| [window.threads.text(), window.from.text(), window.to.text()];
        let was = |group: &String| self.server.groups.contains(group);
        self.is_server.on != self.server.is_batch_server
            || self.zone.value() != self.server.zone
            || !self.windows.iter().map(window).eq(self
                .server
                .windows
                .iter()
                .map(window_fields)
                .map(|was| window(&was)))
            || self.groups.iter().any(|(group, tick)| tick.on != was(group))
    }

    /// Whether saving would leave no batch server at all.
    pub fn is_last_off(&self, setup: &Setup) -> bool {
        let others = setup.scheduling.servers.iter().filter(|server| server.name != self.server.name);
        !self.is_server.on && self.server.is_batch_server && !others.into_iter().any(|server| server.is_batch_server)
    }

    /// The consequences of saving for jobs: groups without a server, starts that wait.
    pub fn warnings(&self, setup: &Setup, view: &ViewContext) -> Vec<String> {
        let now = match self.settings() {
            Ok(now) => now,
            Err((_, fault)) => return vec![fault],
        };
        let mut warnings = Vec::new();
        if self.is_last_off(setup) {
            warnings.push("the last batch server is switched off: no batch job runs any more".to_owned());
        }
        let servers = setup.scheduling.servers.iter().map(|server| if server.name == now.name { &now } else { server });
        let scheduling = SchedulingState { servers: servers.cloned().collect(), ..setup.scheduling.clone() };
        let waits = |job: &&BatchJob| job.status == BatchStatus::Waiting && !job.settings.private;
        for job in setup.jobs.iter().filter(waits) {
            let Some(due) = job.due() else { continue };
            let at = |at| view.zone.short(at, view.now);
            let then = SchedulingState { now: due.max(scheduling.now), ..scheduling.clone() };
            let fault = reasons(job, &then)
                .into_iter()
                .find(|reason| matches!(reason, Reason::Unserved { .. } | Reason::Closed { .. }));
            if let Some(fault) = fault {
                warnings.push(format!("{} waits: {}", job.name(), fault.text(&at)));
            }
        }
        warnings
    }

    /// The threads at the start of each half hour of the day.
    pub fn day(&self) -> Option<[i64; 48]> {
        let now = self.settings().ok()?;
        let mut day = [0; 48];
        for (at, threads) in (0_u16..).zip(day.iter_mut()) {
            *threads = now.threads_at_minute(at * 30);
        }
        Some(day)
    }
}
