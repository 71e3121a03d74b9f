// Elements without markup: every text is a text node, so nothing that people type can become an element.

/** What may stand inside an element. `false`, `null` and `undefined` are nothing. */
export type Child = Node | string | number | false | null | undefined | Child[];

type Listener = (event: never) => unknown;
type Value = string | number | boolean | null | undefined | Listener | Record<string, string>;

/** Properties and attributes: `on…` listens, `class`, `data-…` and `aria-…` are attributes. */
export type Props = Record<string, Value>;

/** Attributes that have no property of the same name, or one of another type. */
const ATTRIBUTES = /^(aria-|data-|role$|class$|for$|form$|list$|colspan$|rowspan$|viewBox$|popovertarget$|inert$|d$)/;

/** Makes an element with properties and children. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props?: Props | null, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  append(element, children);
  return element;
}

function set(element: HTMLElement, name: string, value: Value): void {
  if (value === undefined || value === null) return;
  if (typeof value === 'function') {
    element.addEventListener(name.slice(2), value as EventListener);
  } else if (ATTRIBUTES.test(name) || !(name in element)) {
    if (value === false && !name.startsWith('aria-')) return;
    element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
  } else {
    (element as unknown as Record<string, unknown>)[name] = value;
  }
}

/** Appends what is there of the children. */
export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) parent.appendChild(document.createTextNode(String(child)));
  }
}

/** Puts these children in the place of all others. */
export function fill<T extends Element>(parent: T, ...children: Child[]): T {
  parent.replaceChildren();
  append(parent, children);
  return parent;
}

/** Makes an element of a drawing. All of its properties are attributes. */
export function s<K extends keyof SVGElementTagNameMap>(tag: K, props: Record<string, string | number>, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, String(value));
  append(element, children);
  return element;
}

/** An id that no other element has. */
let count = 0;
export function newId(what: string): string {
  count += 1;
  return `${what}-${count}`;
}
