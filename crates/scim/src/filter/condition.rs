//! What a filter asks of a resource, with names looked up and values read: this is what is compiled to SQL, and evaluated to tell
//! whether that is right.

use serde_json::Value;

use crate::date_time::DateTime;
use crate::schema::{Field, List};

/// A condition on a resource. What has no value in it meets no comparison. Inside [`Condition::Any`], all fields are those of the
/// list's values; outside, none is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The same for every resource.
    Always(bool),
    /// The field has a value: one that is neither null nor an empty text.
    Present(Field),
    /// The field has a value, and it compares like this.
    Compare {
        /// The field.
        field: Field,
        /// How.
        comparison: Comparison,
        /// With what; of the field's type.
        with: Operand,
    },
    /// One value of the list at least meets the condition.
    Any {
        /// The list.
        of: List,
        /// The condition on one value.
        condition: Box<Condition>,
    },
    /// The condition is not met. A field without a value meets this where it does not meet the comparison.
    Not(Box<Condition>),
    /// All are met.
    And(Vec<Condition>),
    /// One at least is met.
    Or(Vec<Condition>),
}

/// How a field is compared with a value. Texts compare by code points, after [`fold`]ing where the field says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// They are the same.
    Equal,
    /// The field contains the text.
    Contains,
    /// The field starts with the text.
    StartsWith,
    /// The field ends with the text.
    EndsWith,
    /// The field is greater, or later.
    Greater,
    /// It is greater or the same.
    GreaterOrEqual,
    /// It is less, or earlier.
    Less,
    /// It is less or the same.
    LessOrEqual,
}

/// A value of a field's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A moment.
    Moment(DateTime),
}

/// A text in which upper and lower case are the same: in small letters, as Unicode has them. Each character becomes the same wherever
/// it stands, so that a part of a text is also a part of it when both are folded.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl Condition {
    /// Whether a resource meets the condition. The resource is as it is answered, with all of its attributes.
    #[must_use]
    pub fn matches(&self, resource: &Value) -> bool {
        self.holds(
            &|field| {
                let (name, sub) = field.location();
                let value = resource.get(name)?;
                match sub {
                    Some(sub) => value.get(sub),
                    None => Some(value),
                }
            },
            &|list| resource.get(list.name()).and_then(Value::as_array).map_or(&[], Vec::as_slice),
        )
    }

    /// Whether a value of a list meets the condition: an object with the parts of the attribute.
    #[must_use]
    pub fn matches_value(&self, value: &Value) -> bool {
        self.holds(&|field| value.get(field.location().1?), &|_| &[])
    }

    fn holds<'a>(
        &self,
        value_of: &dyn Fn(Field) -> Option<&'a Value>,
        list: &dyn Fn(List) -> &'a [Value],
    ) -> bool {
        match self {
            Self::Always(holds) => *holds,
            Self::Present(field) => value_of(*field).is_some_and(is_present),
            Self::Compare { field, comparison, with } => {
                value_of(*field).is_some_and(|value| compare(value, *comparison, with, field.is_case_exact()))
            }
            Self::Any { of, condition } => list(*of).iter().any(|value| condition.matches_value(value)),
            Self::Not(condition) => !condition.holds(value_of, list),
            Self::And(parts) => parts.iter().all(|part| part.holds(value_of, list)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(value_of, list)),
        }
    }
}

fn is_present(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

fn compare(value: &Value, comparison: Comparison, with: &Operand, case_exact: bool) -> bool {
    match with {
        Operand::Boolean(with) => comparison == Comparison::Equal && value.as_bool() == Some(*with),
        Operand::Moment(with) => {
            value.as_str().and_then(DateTime::parse).is_some_and(|moment| ordered(&moment, comparison, with))
        }
        Operand::Text(with) => {
            value.as_str().is_some_and(|text| compare_texts(text, comparison, with, case_exact))
        }
    }
}

pub(super) fn compare_texts(text: &str, comparison: Comparison, with: &str, case_exact: bool) -> bool {
    if !case_exact {
        return compare_texts(&fold(text), comparison, &fold(with), true);
    }
    match comparison {
        Comparison::Contains => text.contains(with),
        Comparison::StartsWith => text.starts_with(with),
        Comparison::EndsWith => text.ends_with(with),
        _ => ordered(text, comparison, with),
    }
}

fn ordered<T: Ord + ?Sized>(left: &T, comparison: Comparison, right: &T) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => false,
    }
}
