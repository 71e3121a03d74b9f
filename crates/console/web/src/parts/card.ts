// A section of a page, with a title.
import { append, h, newId, type Child } from './h.js';

export function card(title: string, ...content: Child[]): HTMLElement {
  const id = newId('card');
  const section = h('section', { class: 'card', 'aria-labelledby': id }, h('h2', { id }, title));
  append(section, content);
  return section;
}

/** A section that is as wide as the page, where others stand side by side. */
export function broad(title: string, ...content: Child[]): HTMLElement {
  const section = card(title, ...content);
  section.classList.add('broad');
  return section;
}

/** The title of a page. It has the focus after the page was shown, so that it is read out. */
export function pageTitle(text: Child, ...actions: Child[]): HTMLElement {
  return h('div', { class: 'title' }, h('h1', { tabIndex: -1 }, text), actions);
}

/** Facts with their names. */
export function facts(...entries: [string, Child][]): HTMLElement {
  return h('dl', { class: 'facts' }, entries.map(([name, value]) => [h('dt', null, name), h('dd', null, value)]));
}
