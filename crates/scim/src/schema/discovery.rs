//! The tables of the discovery documents themselves (RFC 7643, 5 to 7).

use super::attribute::{Attribute, Schema};

const SUPPORTED: &[Attribute] = &[supported()];

const fn supported() -> Attribute {
    Attribute::boolean("supported", "Whether it is supported.").required().read_only()
}

const BULK: &[Attribute] = &[
    supported(),
    Attribute::integer("maxOperations", "How many operations a request may have.").required().read_only(),
    Attribute::integer("maxPayloadSize", "How large a request may be, in bytes.").required().read_only(),
];

const FILTER: &[Attribute] = &[
    supported(),
    Attribute::integer("maxResults", "How many resources an answer has at most.").required().read_only(),
];

const AUTHENTICATION: &[Attribute] = &[
    Attribute::string("type", "The kind of credential.").required().read_only().usually(&[
        "oauth",
        "oauth2",
        "oauthbearertoken",
        "httpbasic",
        "httpdigest",
    ]),
    Attribute::string("name", "Its name for people.").required().read_only(),
    Attribute::string("description", "What it is.").required().read_only(),
    Attribute::reference("specUri", &["external"], "The URL of its specification.").read_only(),
    Attribute::reference("documentationUri", &["external"], "The URL of its documentation.").read_only(),
    Attribute::boolean("primary", "Whether it is the one to use first.").read_only(),
];

/// What the server can do.
pub const SERVICE_PROVIDER_CONFIG: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    name: "ServiceProviderConfig",
    description: "What the server can do.",
    attributes: &[
        Attribute::reference("documentationUri", &["external"], "The URL of its documentation.").read_only(),
        Attribute::complex("patch", SUPPORTED, "Changes of single attributes.").required().read_only(),
        Attribute::complex("bulk", BULK, "Many changes in one request.").required().read_only(),
        Attribute::complex("filter", FILTER, "Lists of what meets a condition.").required().read_only(),
        Attribute::complex("changePassword", SUPPORTED, "Changes of passwords.").required().read_only(),
        Attribute::complex("sort", SUPPORTED, "Lists in another order.").required().read_only(),
        Attribute::complex("etag", SUPPORTED, "Versions of resources.").required().read_only(),
        Attribute::complex("authenticationSchemes", AUTHENTICATION, "How clients show who they are.")
            .many()
            .required()
            .read_only(),
    ],
};

const EXTENSIONS: &[Attribute] = &[
    Attribute::reference("schema", &["uri"], "The URN of the extension.").required().read_only(),
    Attribute::boolean("required", "Whether resources must have it.").required().read_only(),
];

/// The types of resources.
pub const RESOURCE_TYPE: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
    name: "ResourceType",
    description: "A type of resource.",
    attributes: &[
        Attribute::string("id", "The id of the type.").read_only(),
        Attribute::string("name", "The name of the type.").required().read_only(),
        Attribute::string("description", "What it is.").read_only(),
        Attribute::reference("endpoint", &["uri"], "The path after the base URL.").required().read_only(),
        Attribute::reference("schema", &["uri"], "The URN of its schema.").required().exact().read_only(),
        Attribute::complex("schemaExtensions", EXTENSIONS, "The extensions of its schema.")
            .many()
            .read_only(),
    ],
};

/// What `/Schemas` says of a part of an attribute.
const OF_PARTS: [Attribute; 11] = [
    Attribute::string("name", "The name of the attribute.").required().exact().read_only(),
    Attribute::string("type", "The type of its values.").required().read_only().usually(&[
        "string",
        "complex",
        "boolean",
        "decimal",
        "integer",
        "dateTime",
        "reference",
        "binary",
    ]),
    Attribute::boolean("multiValued", "Whether there can be several.").required().read_only(),
    Attribute::string("description", "What it is.").read_only(),
    Attribute::boolean("required", "Whether a resource must have it.").read_only(),
    Attribute::string("canonicalValues", "The usual values.").many().exact().read_only(),
    Attribute::boolean("caseExact", "Whether upper and lower case make a difference.").read_only(),
    Attribute::string("mutability", "Whether it can be changed.").exact().read_only().usually(&[
        "readOnly",
        "readWrite",
        "immutable",
        "writeOnly",
    ]),
    Attribute::string("returned", "When it is in an answer.")
        .exact()
        .read_only()
        .usually(&["always", "never", "default", "request"]),
    Attribute::string("uniqueness", "Among what its values are unique.")
        .exact()
        .read_only()
        .usually(&["none", "server", "global"]),
    Attribute::string("referenceTypes", "What a reference leads to.").many().exact().read_only(),
];

/// What it says of an attribute: the same, and the parts.
const OF_ATTRIBUTES: [Attribute; 12] = {
    let [name, kind, many, description, required, canonical, exact, mutability, returned, unique, references] =
        OF_PARTS;
    [
        name,
        kind,
        many,
        description,
        required,
        canonical,
        exact,
        mutability,
        returned,
        unique,
        references,
        Attribute::complex("subAttributes", &OF_PARTS, "The parts of a complex attribute.")
            .many()
            .read_only(),
    ]
};

/// Schemas.
pub const SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Schema",
    name: "Schema",
    description: "A schema.",
    attributes: &[
        Attribute::string("id", "The URN of the schema.").required().exact().read_only(),
        Attribute::string("name", "The name of the schema.").read_only(),
        Attribute::string("description", "What it describes.").read_only(),
        Attribute::complex("attributes", &OF_ATTRIBUTES, "The attributes of the schema.")
            .many()
            .required()
            .read_only(),
    ],
};
