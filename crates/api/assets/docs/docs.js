// Draws the OpenAPI document of this server and sends requests from it. No library, nothing from elsewhere: the page
// must work where there is no network but this server.
'use strict';

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Follows a reference inside the document. */
function resolve(spec, node) {
  if (!node || !node.$ref) return node || {};
  const found = node.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replace(/~1/g, '/').replace(/~0/g, '~')], spec);
  return resolve(spec, found);
}

const typeOf = (schema) => [].concat(schema?.type ?? []).join(' or ') || schema?.$ref?.split('/').pop() || '';

/** The example of a body: its own, the first named one, or that of its schema. */
function exampleOf(spec, media) {
  if (!media) return undefined;
  if (media.example !== undefined) return media.example;
  const named = Object.values(media.examples ?? {})[0];
  return named ? resolve(spec, named).value : resolve(spec, media.schema).examples?.[0];
}

function block(title, value, open = false) {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return make('details', { open }, make('summary', {}, title), make('pre', {}, text));
}

function parametersTable(spec, parameters, inputs) {
  if (!parameters.length) return null;
  const rows = parameters.map((parameter) => {
    const schema = resolve(spec, parameter.schema);
    const input = make('input', { 'aria-label': parameter.name, placeholder: String(schema.default ?? '') });
    inputs.push({ parameter, input });
    return make('tr', {},
      make('td', {}, make('code', {}, parameter.name), parameter.required ? ' *' : ''),
      make('td', {}, parameter.in), make('td', {}, typeOf(schema)),
      make('td', {}, parameter.description ?? ''), make('td', {}, input));
  });
  const heads = ['Name', 'In', 'Type', 'Meaning', 'Value'].map((name) => make('th', {}, name));
  return make('table', {}, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...rows));
}

function responsesOf(spec, operation) {
  return Object.entries(operation.responses).map(([status, reference]) => {
    const response = resolve(spec, reference);
    const json = response.content?.['application/json'];
    return block(`${status} ${response.description ?? ''}`, exampleOf(spec, json) ?? '');
  });
}

/** What stands before every path: nothing, or `/rosterd` where this page was asked for below it. */
const base = new URL('..', location.href).pathname.replace(/\/$/, '');

/** Where a request goes, with its parameters in their places. */
function addressOf(path, inputs) {
  const query = new URLSearchParams();
  const headers = {};
  let address = path;
  for (const { parameter, input } of inputs) {
    if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value === '') continue;
    else if (parameter.in === 'query') query.append(parameter.name, input.value);
    else headers[parameter.name] = input.value;
  }
  const text = query.toString();
  return { address: text ? `${address}?${text}` : address, headers };
}

async function send(method, path, inputs, body, output) {
  const { address, headers } = addressOf(path, inputs);
  const token = byId('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers['Content-Type'] = 'application/json';
  output.hidden = false;
  try {
    const answer = await fetch(base + address, { method, headers, body: body?.value, redirect: 'manual' });
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
  const parameters = (operation.parameters ?? []).map((parameter) => resolve(spec, parameter));
  const media = resolve(spec, operation.requestBody).content?.['application/json'];
  const example = exampleOf(spec, media);
  const body = media ? make('textarea', { 'aria-label': 'Body', spellcheck: false }) : null;
  if (body && example !== undefined) body.value = JSON.stringify(example, null, 2);
  const output = make('pre', { hidden: true });
  const button = make('button', { type: 'button' }, 'Send');
  button.addEventListener('click', () => send(method.toUpperCase(), path, inputs, body, output));
  const access = operation['x-access'] ? `Who: ${operation['x-access']}` : '';
  return make('article', { id: operation.operationId },
    make('header', {}, make('span', { class: `method ${method}` }, method.toUpperCase()),
      make('span', { class: 'path' }, path), make('h3', {}, operation.summary ?? '')),
    make('p', {}, operation.description ?? ''),
    make('p', { class: 'access' }, `${operation.operationId}${access ? ` · ${access}` : ''}`),
    parametersTable(spec, parameters, inputs), body, make('p', {}, button), output,
    make('details', {}, make('summary', {}, 'Answers'), ...responsesOf(spec, operation)));
}

function drawAll(spec) {
  byId('version').textContent = `Version ${spec.info.version}, OpenAPI ${spec.openapi}`;
  byId('about').textContent = spec.info.description ?? '';
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
    byId('index').append(make('div', {}, make('h2', {}, tag), ...links));
    byId('operations').append(make('h2', {}, tag),
      ...operations.map(({ path, method, operation }) => draw(spec, path, method, operation)));
  }
  byId('filter').addEventListener('input', (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const link of byId('index').querySelectorAll('a')) link.hidden = !link.textContent.toLowerCase().includes(wanted);
    for (const article of document.querySelectorAll('article')) article.hidden = !article.textContent.toLowerCase().includes(wanted);
  });
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fetch(`${base}/api/v1/openapi.json`)
  .then((answer) => answer.json())
  .then(drawAll)
  .catch((error) => { byId('about').textContent = `The document cannot be read: ${error.message}`; });
