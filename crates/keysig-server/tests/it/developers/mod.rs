//! The dashboard and the operator area, through their doors.

mod doors;
mod join;
