// Draws the OpenAPI document of this server and sends requests from it. No library, nothing from elsewhere: the page
// must work where there is no network but this server.
'use strict';

const byId = (id) => document.getElementById(id);

/** What stands before every path: nothing, or `/rosterd` where this page was asked for below it. */
const base = new URL('..', location.href).pathname.replace(/\/$/, '');

/** An element with attributes and children; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Follows a reference inside the document. */
function resolve(spec, node) {
  if (!node || !node.$ref) return node || {};
  const found = node.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], spec);
  return resolve(spec, found);
}

/** A text in which ids of rules are links to them, and what stands between backticks is code. */
function prose(text) {
  const parts = (text ?? '').split(/(`[^`]*`|\b[A-Z]\d{1,2}[a-z]?\b)/);
  return parts.map((part) => {
    if (part.length > 2 && part.startsWith('`')) return make('code', {}, part.slice(1, -1));
    return rules.has(part) ? make('a', { href: `#rule-${part}` }, part) : part;
  });
}

/** The rules of this server, by their ids. */
const rules = new Map();

function readRules(text) {
  for (const line of text.split('\n')) {
    const [, id, databases, rule] = /^\| \*\*([A-Z]\d+[a-z]?)\*\* \| ([^|]*) \| (.*) \|$/.exec(line) ?? [];
    if (id) rules.set(id, { databases, rule: rule.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]/g, '') });
  }
}

function drawRules() {
  const entries = [...rules].map(([id, { databases, rule }]) => [
    make('dt', { id: `rule-${id}` }, `${id} `, make('span', { class: 'fine' }, databases)),
    make('dd', {}, prose(rule)),
  ]);
  byId('rules').append(make('dl', {}, entries.flat()));
}

/** A short name for a type; a link where the schema has a name. */
function typeOf(schema) {
  if (!schema) return '';
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return make('a', { href: `#schema-${name}` }, name);
  }
  for (const [key, word] of [['oneOf', ' or '], ['anyOf', ' or '], ['allOf', ' with ']]) {
    if (schema[key]) return make('span', {}, schema[key].flatMap((one, place) => (place ? [word, typeOf(one)] : [typeOf(one)])));
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.type === 'array' || schema.type?.includes?.('array')) return make('span', {}, 'list of ', typeOf(schema.items));
  return [].concat(schema.type ?? []).join(' or ');
}

/** The fields of a schema and of all that it consists of, and which of them must be there. */
function fieldsOf(spec, schema) {
  const node = resolve(spec, schema);
  const own = Object.entries(node.properties ?? {}).map(([name, field]) => ({ name, field, must: node.required?.includes(name) ?? false }));
  return [...(node.allOf ?? []).flatMap((part) => fieldsOf(spec, part)), ...own];
}

/** What may stand in a field, beside its type. */
function limitsOf(schema) {
  const limits = [
    ['default', 'default'], ['minimum', 'at least'], ['maximum', 'at most'], ['minLength', 'characters at least'], ['maxLength', 'characters at most'],
    ['maxItems', 'entries at most'],
  ];
  return limits.filter(([key]) => schema?.[key] !== undefined && Math.abs(schema[key]) !== 2 ** 63).map(([key, word]) => `${word} ${JSON.stringify(schema[key])}`).join(', ');
}

/** A table. On a phone its cells stand below each other, and each says what it is. */
function table(heads, rows) {
  for (const row of rows) [...row.children].forEach((cell, place) => { cell.dataset.label = heads[place]; });
  const head = heads.map((name) => make('th', { scope: 'col' }, name));
  return make('div', { class: 'scroll' }, make('table', {}, make('thead', {}, make('tr', {}, head)), make('tbody', {}, rows)));
}

function fieldsTable(spec, schema) {
  const fields = fieldsOf(spec, schema);
  if (!fields.length) return null;
  const rows = fields.map(({ name, field, must }) =>
    make('tr', {},
      make('td', {}, make('code', {}, name), must ? make('div', { class: 'must' }, 'required') : null),
      make('td', {}, typeOf(field)),
      make('td', {}, prose(field.description ?? resolve(spec, field).description), make('div', { class: 'fine' }, limitsOf(resolve(spec, field))))));
  return table(['Field', 'Type', 'Meaning'], rows);
}

/** The example of a body: its own, the first named one, or that of its schema. */
function exampleOf(spec, media) {
  if (!media) return undefined;
  if (media.example !== undefined) return media.example;
  const named = Object.values(media.examples ?? {})[0];
  return named ? resolve(spec, named).value : resolve(spec, media.schema).examples?.[0];
}

const pretty = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function parametersTable(parameters, inputs) {
  if (!parameters.length) return null;
  const rows = parameters.map((parameter) => {
    const input = make('input', { 'aria-label': parameter.name, placeholder: String(parameter.schema?.default ?? '') });
    inputs.push({ parameter, input });
    return make('tr', {},
      make('td', {}, make('code', {}, parameter.name), parameter.required ? make('div', { class: 'must' }, 'required') : null),
      make('td', {}, parameter.in), make('td', {}, typeOf(parameter.schema)),
      make('td', {}, prose(parameter.description), make('div', { class: 'fine' }, limitsOf(parameter.schema))), make('td', {}, input));
  });
  return table(['Parameter', 'In', 'Type', 'Meaning', 'Value'], rows);
}

/** The answers: their schemas, fields and examples, drawn when somebody looks. */
function responsesOf(spec, operation) {
  return Object.entries(operation.responses).map(([status, reference]) => {
    const response = resolve(spec, reference);
    const [type, media] = Object.entries(response.content ?? {})[0] ?? [];
    const codes = response['x-codes'] ?? reference['x-codes'];
    const details = make('details', {}, make('summary', {}, `${status} ${response.description ?? ''}`));
    details.addEventListener('toggle', () => {
      if (details.children.length > 1) return;
      const example = exampleOf(spec, media);
      details.append(make('p', { class: 'fine' }, media ? [`${type}: `, typeOf(media.schema)] : 'Without a body.', codes ? ` Codes: ${codes.join(', ')}` : ''));
      const fields = media ? fieldsTable(spec, media.schema) : null;
      if (fields) details.append(fields);
      if (example !== undefined) details.append(make('pre', { tabIndex: 0 }, pretty(example)));
    });
    return details;
  });
}

/** Where a request goes, with its parameters in their places. */
function addressOf(path, inputs) {
  const query = new URLSearchParams();
  const headers = {};
  let address = path;
  for (const { parameter, input } of inputs) {
    if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, input.value ? encodeURIComponent(input.value) : `{${parameter.name}}`);
    else if (input.value === '') continue;
    else if (parameter.in === 'query') query.append(parameter.name, input.value);
    else if (parameter.in === 'header') headers[parameter.name] = input.value;
  }
  const text = query.toString();
  return { address: base + (text ? `${address}?${text}` : address), headers };
}

/** A text as a word of the shell. */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same request as a line for the shell. Whoever needs a token has it in `$TOKEN`. */
function curlOf(method, path, inputs, body, needsToken) {
  const { address, headers } = addressOf(path, inputs);
  const parts = ['curl', ...(method === 'GET' ? [] : ['-X', method])];
  if (needsToken) parts.push('-H', '"Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quoted(`${name}: ${value}`));
  if (body) {
    let text = body.value;
    try { text = JSON.stringify(JSON.parse(text)); } catch { /* as it was typed */ }
    parts.push('-H', quoted('Content-Type: application/json'), '-d', quoted(text));
  }
  return [...parts, quoted(location.origin + address)].join(' ');
}

async function send(method, path, inputs, body, output) {
  const { address, headers } = addressOf(path, inputs);
  const token = byId('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers['Content-Type'] = 'application/json';
  output.hidden = false;
  try {
    const answer = await fetch(address, { method, headers, body: body?.value, redirect: 'manual' });
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it is */ }
    output.textContent = `${answer.status} ${answer.headers.get('x-request-id') ?? ''}\n\n${shown.slice(0, 100000)}`;
  } catch (error) {
    output.textContent = `No answer: ${error.message}`;
  }
}

function draw(spec, path, method, operation) {
  const inputs = [];
  const name = method.toUpperCase();
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(spec, parameter));
  const media = resolve(spec, operation.requestBody).content?.['application/json'];
  const example = exampleOf(spec, media);
  const body = media ? make('textarea', { 'aria-label': 'Body', spellcheck: false }) : null;
  if (body) body.value = example === undefined ? '{}' : pretty(example);
  const output = make('pre', { hidden: true, tabIndex: 0 });
  const access = operation['x-access'] ? `Who: ${operation['x-access']}` : '';
  const line = make('pre', { tabIndex: 0, 'aria-label': `curl line of ${operation.operationId}`, role: 'group' });
  const words = [operation.operationId, path, operation.summary, operation.description, ...parameters.map((parameter) => parameter.name)];
  const article = make('article', { id: operation.operationId, 'data-words': bare(words.join(' ')) },
    make('header', {}, make('span', { class: `method ${method}` }, name),
      make('span', { class: 'path' }, path), make('h3', {}, operation.summary ?? '')),
    make('p', {}, prose(operation.description)),
    make('p', { class: 'access' }, `${operation.operationId}${access ? ` · ${access}` : ''}`),
    parametersTable(parameters, inputs),
    media ? make('details', { open: true }, make('summary', {}, 'Body'), make('p', { class: 'fine' }, typeOf(media.schema)), fieldsTable(spec, media.schema), body) : null);
  const tell = () => { line.textContent = curlOf(name, path, inputs, body, operation.security?.length !== 0 && access !== '' && !/anybody/i.test(access)); };
  article.addEventListener('input', tell);
  tell();
  const copy = make('button', { type: 'button', 'aria-label': `Copy the curl line of ${operation.operationId}` }, 'Copy');
  copy.addEventListener('click', () => {
    getSelection().selectAllChildren(line);
    // Without TLS the browser has no clipboard for pages; then the line is selected.
    navigator.clipboard?.writeText(line.textContent).catch(() => undefined);
  });
  const button = make('button', { type: 'button', 'aria-label': `Send ${operation.operationId}` }, 'Send');
  button.addEventListener('click', () => send(name, path, inputs, body, output));
  article.append(make('div', { class: 'curl' }, line, copy), make('p', {}, button), output,
    make('details', {}, make('summary', {}, 'Answers'), responsesOf(spec, operation)));
  return article;
}

function drawSchemas(spec) {
  for (const [name, schema] of Object.entries(spec.components?.schemas ?? {}).sort(([a], [b]) => a.localeCompare(b))) {
    byId('schemas').append(make('article', { id: `schema-${name}` },
      make('h3', {}, name), make('p', {}, prose(schema.description)),
      fieldsTable(spec, schema) ?? make('p', { class: 'fine' }, typeOf(schema))));
  }
}

/** Letters and digits only: `api key` is in `createAPIKey` and in `/auths/api_keys`. */
const bare = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

function addFilter() {
  const entries = [...byId('index').querySelectorAll('a')].map((link) => {
    const article = byId(link.hash.slice(1));
    return { link, article, text: article.dataset.words };
  });
  byId('filter').addEventListener('input', (event) => {
    const wanted = bare(event.target.value);
    let found = 0;
    for (const { link, article, text } of entries) {
      link.hidden = article.hidden = !text.includes(wanted);
      if (!link.hidden) found += 1;
    }
    for (const part of byId('index').children) part.hidden = [...part.querySelectorAll('a')].every((link) => link.hidden);
    for (const part of byId('operations').children) part.hidden = [...part.querySelectorAll('article')].every((article) => article.hidden);
    byId('schemas').hidden = byId('rules').hidden = wanted !== '';
    byId('count').textContent = wanted ? `${found} of ${entries.length} operations` : '';
  });
}

function drawAll(spec) {
  byId('version').textContent = `Version ${spec.info.version}, OpenAPI ${spec.openapi}`;
  byId('about').append(...prose(spec.info.description));
  const tags = new Map();
  for (const [path, methods] of Object.entries(spec.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!operation.operationId) continue;
      const tag = operation.tags?.[0] ?? 'other';
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push({ path, method, operation });
    }
  }
  for (const [tag, operations] of tags) {
    const links = operations.map(({ operation }) => make('a', { href: `#${operation.operationId}` }, operation.operationId));
    byId('index').append(make('div', {}, make('h2', {}, tag), links));
    byId('operations').append(make('section', {}, make('h2', {}, tag), operations.map(({ path, method, operation }) => draw(spec, path, method, operation))));
  }
  drawSchemas(spec);
  drawRules();
  addFilter();
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
}

// On a phone the index begins folded.
if (matchMedia('(max-width: 800px)').matches) byId('fold').open = false;

const get = (path) => fetch(base + path).then((answer) => (answer.ok ? answer : Promise.reject(new Error(`status ${answer.status}`))));

Promise.all([get('/api/v1/openapi.json').then((answer) => answer.json()), get('/docs/rules.md').then((answer) => answer.text())])
  .then(([spec, text]) => {
    readRules(text);
    drawAll(spec);
  })
  .catch((error) => { byId('about').textContent = `The document cannot be read: ${error.message}`; });
