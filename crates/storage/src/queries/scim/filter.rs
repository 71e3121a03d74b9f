//! Filters of SCIM as conditions in SQL.
