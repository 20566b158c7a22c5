//! Tables, lists and form fields. Each form field has a file of its own and implements
//! [`field::Field`].

pub mod button;
pub mod calendar;
pub mod choice;
mod column_widths;
pub mod date;
pub mod drop_down;
pub mod field;
pub mod input;
pub mod list;
mod masked;
pub mod number;
pub mod radio;
pub mod run_chart;
mod step;
pub mod table;
pub mod text;
pub mod tick;
pub mod time_of_day;
pub mod weekday_row;

#[cfg(test)]
mod tests;
