//! From a filter to a condition: names are looked up in the schema, and values are read by the types of the attributes.

use super::condition::{Comparison, Condition, Operand, compare_texts};
use super::error::FilterError;
use super::{Filter, Literal, Operator};
use crate::date_time::DateTime;
use crate::path::AttributePath;
use crate::schema::{Attribute, Field, Kind, List, Named, ResourceKind, Returned, find};

type Bound<T> = Result<T, FilterError>;

impl Filter {
    /// What the filter asks of resources of this type.
    ///
    /// A list without a part means its values' `value`: `emails co "x"` is `emails[value co "x"]`. What is the same for all resources
    /// of the type, such as `meta.resourceType`, is decided here.
    ///
    /// # Errors
    /// [`FilterError`] where a name is not that of a stored attribute, or a comparison does not fit its type.
    pub fn bind(&self, kind: ResourceKind) -> Bound<Condition> {
        self.bound(&Names { kind, parts_of: None })
    }

    /// What the filter asks of one value of a list, as in the square brackets of `emails[type eq "work"]`.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn bind_value(&self, kind: ResourceKind, attribute: &'static Attribute) -> Bound<Condition> {
        self.bound(&Names { kind, parts_of: Some(attribute) })
    }

    fn bound(&self, names: &Names) -> Bound<Condition> {
        let all = |parts: &[Self]| parts.iter().map(|part| part.bound(names)).collect::<Bound<Vec<_>>>();
        Ok(match self {
            Self::Present(path) => names.find(path)?.present(),
            Self::Compare { path, operator, value } => names.find(path)?.compare(path, *operator, value)?,
            Self::Values { path, filter } => names.find(path)?.values(path, filter)?,
            Self::Not(filter) => Condition::Not(Box::new(filter.bound(names)?)),
            Self::And(parts) => Condition::And(all(parts)?),
            Self::Or(parts) => Condition::Or(all(parts)?),
        })
    }
}

/// Which names there are: those of a type of resource, or of the parts of one of its attributes.
struct Names {
    kind: ResourceKind,
    parts_of: Option<&'static Attribute>,
}

/// An attribute and the list that it is a part of, unless the filter is in the brackets of that list anyway.
struct Found {
    kind: ResourceKind,
    attribute: &'static Attribute,
    list: Option<List>,
}

impl Names {
    fn find(&self, path: &AttributePath) -> Bound<Found> {
        let kind = self.kind;
        let unknown = || FilterError::UnknownAttribute(path.to_string());
        if let Some(attribute) = self.parts_of {
            let plain = path.schema().is_none() && path.sub().is_none();
            let part = find(attribute.sub_attributes.iter(), path.name()).filter(|_| plain);
            return Ok(Found { kind, attribute: part.ok_or_else(unknown)?, list: None });
        }
        let Named::Known { attribute, sub } = kind.resolve(path) else { return Err(unknown()) };
        // Else one could find out a password, a letter at a time.
        if attribute.returned == Returned::Never {
            return Err(unknown());
        }
        Ok(match sub {
            Some(sub) => Found { kind, attribute: sub, list: attribute.list },
            None => Found { kind, attribute, list: None },
        })
    }
}

impl Found {
    fn present(&self) -> Condition {
        let attribute = self.attribute;
        match (attribute.list, attribute.field, attribute.kind) {
            (Some(list), ..) => any(list, Condition::Always(true)),
            (None, Some(field), _) => self.in_list(Condition::Present(field)),
            (None, None, Kind::Complex) => {
                Condition::Or(fields_of(attribute).map(Condition::Present).collect())
            }
            // Those without a field are always there: `schemas`, `meta.location`, `members.type` and such.
            (None, None, _) => self.in_list(Condition::Always(true)),
        }
    }

    /// The value of what is the same for all resources of the type.
    fn constant(&self) -> Option<&'static str> {
        match self.attribute.name {
            _ if self.attribute.field.is_some() => None,
            "schemas" => Some(self.kind.schema().id),
            "resourceType" => Some(self.kind.name()),
            // Of members.
            "type" => Some(ResourceKind::User.name()),
            _ => None,
        }
    }

    fn compare(&self, path: &AttributePath, operator: Operator, value: &Literal) -> Bound<Condition> {
        match (operator, value) {
            (Operator::Eq, Literal::Null) => return Ok(not(self.present())),
            (Operator::Ne, Literal::Null) => return Ok(self.present()),
            (Operator::Ne, _) => return Ok(not(self.compare(path, Operator::Eq, value)?)),
            _ => {}
        }
        let attribute = self.attribute;
        if let Some(list) = attribute.list {
            let part = find(attribute.sub_attributes.iter(), "value")
                .ok_or_else(|| FilterError::NotSearchable(path.to_string()))?;
            let part = Self { kind: self.kind, attribute: part, list: None };
            return Ok(any(list, part.compare(path, operator, value)?));
        }
        if attribute.kind == Kind::Complex {
            let part = attribute.sub_attributes.first().map_or("value", |part| part.name);
            return Err(FilterError::HasParts(path.to_string(), part));
        }
        let comparison = comparison(operator);
        let fits = match attribute.kind {
            Kind::Boolean => comparison == Comparison::Equal,
            Kind::DateTime => !is_of_texts(comparison),
            _ => true,
        };
        if !fits {
            return Err(FilterError::Operator { path: path.to_string(), operator });
        }
        let with = operand(path, attribute.kind, value)?;
        match (attribute.field, self.constant(), with) {
            (Some(field), _, with) => Ok(self.in_list(Condition::Compare { field, comparison, with })),
            (None, Some(constant), Operand::Text(with)) => {
                let holds = compare_texts(constant, comparison, &with, attribute.case_exact);
                Ok(self.in_list(Condition::Always(holds)))
            }
            _ => Err(FilterError::NotSearchable(path.to_string())),
        }
    }

    fn values(&self, path: &AttributePath, filter: &Filter) -> Bound<Condition> {
        let attribute = self.attribute;
        if attribute.kind != Kind::Complex {
            return Err(FilterError::NoParts(path.to_string()));
        }
        let condition = filter.bind_value(self.kind, attribute)?;
        match attribute.list {
            Some(list) => Ok(any(list, condition)),
            // An attribute with one value: there must be one, and it must meet the condition.
            None => Ok(Condition::And(vec![self.present(), condition])),
        }
    }

    /// The condition on the part as one on the list.
    fn in_list(&self, condition: Condition) -> Condition {
        match self.list {
            Some(list) => any(list, condition),
            None => condition,
        }
    }
}

fn any(of: List, condition: Condition) -> Condition {
    Condition::Any { of, condition: Box::new(condition) }
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn fields_of(attribute: &'static Attribute) -> impl Iterator<Item = Field> {
    attribute.sub_attributes.iter().filter_map(|part| part.field)
}

fn comparison(operator: Operator) -> Comparison {
    match operator {
        // The caller negates it.
        Operator::Eq | Operator::Ne => Comparison::Equal,
        Operator::Co => Comparison::Contains,
        Operator::Sw => Comparison::StartsWith,
        Operator::Ew => Comparison::EndsWith,
        Operator::Gt => Comparison::Greater,
        Operator::Ge => Comparison::GreaterOrEqual,
        Operator::Lt => Comparison::Less,
        Operator::Le => Comparison::LessOrEqual,
    }
}

fn is_of_texts(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith)
}

fn operand(path: &AttributePath, kind: Kind, value: &Literal) -> Bound<Operand> {
    let (operand, needed) = match kind {
        Kind::Boolean => (truth(value).map(Operand::Boolean), "true or false"),
        Kind::DateTime => {
            let moment = match value {
                Literal::Text(text) => DateTime::parse(text),
                _ => None,
            };
            (moment.map(Operand::Moment), "a date and time such as \"2026-11-27T11:31:00Z\"")
        }
        _ => {
            let text = match value {
                Literal::Text(text) => Some(Operand::Text(text.clone())),
                _ => None,
            };
            (text, "a text in quotation marks")
        }
    };
    operand.ok_or_else(|| FilterError::Value { path: path.to_string(), value: value.to_string(), needed })
}

/// Entra ID writes truth values as texts.
fn truth(value: &Literal) -> Option<bool> {
    match value {
        Literal::Boolean(value) => Some(*value),
        Literal::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Literal::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
